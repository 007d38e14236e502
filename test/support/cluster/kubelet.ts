import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Lifetime } from '../environment/lifetime.js';
import { waitUntil } from '../environment/polling.js';
import { freePort } from '../environment/ports.js';
import { startProcess } from '../environment/processes.js';
import type { KubernetesProgram } from './binaries.js';
import type { ContainerRuntime } from './container-runtime.js';
import type { ControlPlane } from './control-plane.js';

export const nodeName = 'kdeploy-test';

/** Makes this machine the one node of the cluster. */
export async function startKubelet(
  folder: string,
  program: (name: KubernetesProgram) => string,
  { api, kubeconfig }: ControlPlane,
  { endpoint }: ContainerRuntime,
  address: string,
  lifetime: Lifetime,
): Promise<void> {
  const home = path.join(folder, 'kubelet');
  await mkdir(home);
  const configuration = path.join(home, 'config.json');
  await writeFile(
    configuration,
    JSON.stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address,
      port: await freePort(address),
      healthzPort: 0,
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
      authorization: { mode: 'AlwaysAllow' },
      containerRuntimeEndpoint: endpoint,
      // The machine may be a container itself, whose cgroups are not all its own.
      cgroupDriver: 'cgroupfs',
      cgroupsPerQOS: false,
      enforceNodeAllocatable: [],
      failCgroupV1: false,
      failSwapOn: false,
      podLogsDir: path.join(home, 'logs'),
      evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    }),
  );
  const server = startProcess({
    name: 'kubelet',
    asRoot: true,
    command: [
      ...[program('kubelet'), '--config', configuration, '--kubeconfig', kubeconfig],
      ...['--root-dir', path.join(home, 'root'), '--cert-dir', path.join(home, 'certificates')],
      ...['--hostname-override', nodeName, '--node-ip', address],
    ],
    logFile: path.join(home, 'kubelet.log'),
  });
  await lifetime.add('kubelet', () => server.stop());
  await waitUntil(
    async () => {
      const node = (await api.ask('GET', `/api/v1/nodes/${nodeName}`)) as {
        status: { conditions: readonly { type: string; status: string }[] };
      };
      return node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    },
    { description: 'the node of Kubernetes does not get ready', seconds: 120, hopeless: server.exited },
  );
}
