import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import Docker from 'dockerode';

import { commandPaths, requireCommand, requireRoot, succeeds } from './commands.js';
import type { Lifetime } from './lifetime.js';
import { createBridge } from './network.js';
import { waitUntil } from './polling.js';
import { startProcess } from './processes.js';
import { report, timed } from './progress.js';
import { bridgeName } from './run-folder.js';

/** Addressed as in DOCKER_HOST. */
export type EngineHost = string;

const defaultHost = 'unix:///var/run/docker.sock';

export function connect(host: EngineHost): Docker {
  if (host.startsWith('unix://')) return new Docker({ socketPath: host.slice('unix://'.length) });
  const url = new URL(host);
  return new Docker({ host: url.hostname, port: Number(url.port) });
}

/** The engine of this machine that this user may talk to. */
export async function answeringEngine(): Promise<EngineHost | undefined> {
  const chosen = process.env.DOCKER_HOST ?? '';
  for (const host of new Set([chosen === '' ? defaultHost : chosen, defaultHost])) {
    if (await isAnswering(host)) return host;
    if (host === chosen) report(`the Docker Engine at DOCKER_HOST=${host} does not answer`);
  }
  return undefined;
}

export async function isAnswering(host: EngineHost): Promise<boolean> {
  if (host.startsWith('unix://') && !existsSync(host.slice('unix://'.length))) return false;
  return connect(host)
    .ping()
    .then(() => true)
    .catch(() => false);
}

/** An engine with its data, its sockets, its containerd and its network to itself. */
export async function startPrivateEngine(folder: string, lifetime: Lifetime): Promise<EngineHost> {
  await requireRoot('no Docker Engine answers to this user; starting one');
  return timed('Docker Engine', 'started', async () => {
    const bridge = await createBridge(bridgeName(folder));
    const home = path.join(folder, 'engine');
    await mkdir(home);
    // An empty configuration: the machine's own /etc/docker/daemon.json is meant for another engine.
    const configuration = path.join(home, 'daemon.json');
    await writeFile(configuration, '{}');
    const host = `unix://${home}/docker.sock`;
    const server = startProcess({
      name: 'dockerd',
      asRoot: true,
      logFile: path.join(home, 'dockerd.log'),
      command: [
        ...[
          requireCommand('dockerd'),
          '--config-file',
          configuration,
          '--host',
          host,
          '--pidfile',
          `${home}/dockerd.pid`,
        ],
        ...['--data-root', `${home}/data`, '--exec-root', `${home}/exec`, '--group', String(process.getgid?.() ?? 0)],
        // Where the machine runs a containerd, dockerd shares it: other names keep its containers apart from those of other engines.
        ...['--containerd-namespace', bridge.name, '--containerd-plugins-namespace', `${bridge.name}-plugins`],
        ...['--bridge', bridge.name, '--mtu', String(bridge.mtu), '--iptables=false', '--ip6tables=false'],
      ],
    });
    await lifetime.add('dockerd', async () => {
      await removeContainers(host);
      await server.stop();
    });
    await waitUntil(() => isAnswering(host), {
      description: 'the private Docker Engine does not answer',
      seconds: 60,
      hopeless: server.exited,
    });
    return host;
  });
}

/** The host's address on the engine's default network: a server bound to it has one address for the host and for containers. */
export async function defaultGateway(host: EngineHost): Promise<string> {
  const network: { IPAM?: { Config?: { Gateway?: string }[] } } = (await connect(host)
    .getNetwork('bridge')
    .inspect()) as object;
  const gateway = network.IPAM?.Config?.find((entry) => entry.Gateway?.includes('.') === true)?.Gateway;
  if (gateway === undefined) throw new Error('the engine has no default bridge network with an IPv4 gateway');
  return gateway;
}

/**
 * A folder with a link to the first `docker` on PATH that understands this engine: an old client and a new engine, or the other way
 * round, refuse each other. Kedro-Docker runs whichever `docker` comes first.
 */
export async function linkWorkingClient(host: EngineHost, folder: string): Promise<string> {
  const bin = path.join(folder, 'bin');
  for (const client of commandPaths('docker')) {
    if (!(await succeeds([client, 'version'], { env: { DOCKER_HOST: host } }))) continue;
    await mkdir(bin, { recursive: true });
    await symlink(client, path.join(bin, 'docker'));
    return bin;
  }
  throw new Error(
    `no docker client on PATH understands the engine at ${host} (tried: ${commandPaths('docker').join(', ')})`,
  );
}

/** dockerd gives each container ten seconds to end by itself; nobody waits for the ones left over from tests. */
async function removeContainers(host: EngineHost): Promise<void> {
  if (!(await isAnswering(host))) return;
  const docker = connect(host);
  const containers = await docker.listContainers({ all: true });
  // One that is being removed already, or ends by itself meanwhile, is refused, which does not matter here.
  await Promise.allSettled(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}
