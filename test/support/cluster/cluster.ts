import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { requireRoot } from '../environment/commands.js';
import type { Environment } from '../environment/environment.js';
import { Lifetime } from '../environment/lifetime.js';
import { createBridge } from '../environment/network.js';
import { ensurePackages, needCommand, needFile } from '../environment/packages.js';
import { waitUntil } from '../environment/polling.js';
import { timed } from '../environment/progress.js';
import { bridgeName, createRunFolder, removeAbandonedRunFolders, removeRunFolder } from '../environment/run-folder.js';
import { ensureKubernetes } from './binaries.js';
import { networkPlugins, pushSandboxImage, startContainerRuntime } from './container-runtime.js';
import { startControlPlane } from './control-plane.js';
import { nodeName, startKubelet } from './kubelet.js';
import type { KubernetesApi } from './kubernetes-api.js';

export interface Cluster {
  readonly api: KubernetesApi;
  /** The file with which programs become an administrator. */
  readonly kubeconfig: string;
  /** Makes a namespace, and a volume for the one claim that gets it. */
  createNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** Makes a volume for one more claim. */
  createVolume(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** A Kubernetes with one node: this machine. */
export async function startCluster(environment: Environment): Promise<Cluster> {
  await requireRoot('Kubernetes');
  await ensurePackages([
    needCommand('go', 'golang-go'),
    needCommand('etcd', 'etcd-server'),
    needCommand('containerd', 'containerd'),
    needFile(path.join(networkPlugins, 'bridge'), 'containernetworking-plugins'),
  ]);
  await removeAbandonedRunFolders();
  const program = await ensureKubernetes();
  const lifetime = new Lifetime();
  try {
    return await timed('Kubernetes', 'started', () => assemble(environment, program, lifetime));
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

async function assemble(
  environment: Environment,
  program: Awaited<ReturnType<typeof ensureKubernetes>>,
  lifetime: Lifetime,
): Promise<Cluster> {
  const folder = createRunFolder();
  await lifetime.add('the run folder', () => removeRunFolder(folder));
  // Pods of any user pass through it to their volumes.
  await chmod(folder, 0o711);
  const bridge = await createBridge(bridgeName(folder));
  const sandboxImage = await pushSandboxImage(environment, program('pause'));
  const [runtime, control] = await Promise.all([
    startContainerRuntime(folder, bridge, sandboxImage, lifetime),
    startControlPlane(folder, program, lifetime),
  ]);
  await startKubelet(folder, program, control, runtime, bridge.gateway, lifetime);
  const { api, kubeconfig } = control;
  // So that their cgroups, mounts and networks go with them, while everything runs.
  await lifetime.add('the pods', () => removePods(api));
  let volumes = 0;
  const createVolume = async (name: string): Promise<void> => {
    const data = path.join(folder, `volume-${(volumes += 1)}`);
    await mkdir(data);
    await api.create('/api/v1/persistentvolumes', volume(name, data));
  };
  return {
    api,
    kubeconfig,
    createVolume,
    createNamespace: async (name, labels = {}) => {
      await createVolume(name);
      await api.create('/api/v1/namespaces', { metadata: { name, labels } });
      // A controller makes it, and no pod starts without.
      await waitUntil(() => api.ask('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`).then(() => true), {
        description: `the namespace ${name} has no service account`,
        seconds: 60,
      });
    },
    stop: () => lifetime.end(),
  };
}

/** Of the kind that Kubernetes gives to the group of `fsGroup`, as it does with disks. */
function volume(name: string, folder: string): object {
  return {
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path: folder },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] },
          ],
        },
      },
    },
  };
}

async function removePods(api: KubernetesApi): Promise<void> {
  for (const { metadata } of await api.list('/api/v1/namespaces'))
    await api.ask('DELETE', `/api/v1/namespaces/${metadata.name}/pods`, { gracePeriodSeconds: 1 });
  await waitUntil(async () => (await api.list('/api/v1/pods')).length === 0, {
    description: 'the pods do not end',
    seconds: 60,
  });
}
