import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';

import { pack } from 'tar-stream';

import { finished } from '../environment/base-image.js';
import { requireCommand, succeeds } from '../environment/commands.js';
import { connect } from '../environment/engine.js';
import type { Environment } from '../environment/environment.js';
import type { Lifetime } from '../environment/lifetime.js';
import type { Bridge } from '../environment/network.js';
import { waitUntil } from '../environment/polling.js';
import { startProcess } from '../environment/processes.js';

/** Debian's containernetworking-plugins. */
export const networkPlugins = '/usr/lib/cni';

export interface ContainerRuntime {
  /** Where it answers, as the kubelet wants it. */
  readonly endpoint: string;
}

/** A containerd of the cluster's own, with pods on the bridge: they reach servers of this machine by its address there. */
export async function startContainerRuntime(
  folder: string,
  bridge: Bridge,
  sandboxImage: string,
  lifetime: Lifetime,
): Promise<ContainerRuntime> {
  const home = path.join(folder, 'containerd');
  const networks = path.join(home, 'networks');
  await mkdir(networks, { recursive: true });
  await writeFile(path.join(networks, 'pods.conflist'), JSON.stringify(podNetwork(bridge, home)));
  const configuration = path.join(home, 'config.toml');
  const socket = path.join(home, 'containerd.sock');
  await writeFile(
    configuration,
    `version = 2
root = "${home}/root"
state = "${home}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${home}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  # In a container that may not lower the score, runc would fail.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${networkPlugins}"
    conf_dir = "${networks}"
`,
  );
  const server = startProcess({
    name: 'containerd',
    asRoot: true,
    command: [requireCommand('containerd'), '--config', configuration],
    logFile: path.join(home, 'containerd.log'),
  });
  await lifetime.add('containerd', () => server.stop());
  await waitUntil(() => succeeds([requireCommand('ctr'), '--address', socket, 'version']), {
    description: 'containerd does not answer',
    seconds: 60,
    hopeless: server.exited,
  });
  return { endpoint: `unix://${socket}` };
}

function podNetwork({ name, gateway, mtu }: Bridge, home: string): object {
  const subnet = gateway.replace(/\.\d+$/, '.0/24');
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: name,
        isGateway: true,
        mtu,
        ipam: {
          type: 'host-local',
          dataDir: path.join(home, 'addresses'),
          ranges: [[{ subnet, gateway }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'loopback' },
    ],
  };
}

/** Pushes the image whose one program holds a pod's namespaces, and gives back its name. */
export async function pushSandboxImage({ dockerHost, registry }: Environment, program: string): Promise<string> {
  const docker = connect(dockerHost);
  const name = `${registry}/kdeploy-test/pause`;
  const context = pack();
  context.entry({ name: 'Dockerfile' }, 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n');
  context.entry({ name: 'pause', mode: 0o755 }, await readFile(program));
  context.finalize();
  await finished(docker, await docker.buildImage(Readable.from(context), { t: name }));
  await finished(docker, await docker.getImage(name).push({ authconfig: { username: '', password: '' } }));
  return `${name}:latest`;
}
