import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { requireCommand } from '../environment/commands.js';
import type { Lifetime } from '../environment/lifetime.js';
import { answers, waitUntil } from '../environment/polling.js';
import { freePort } from '../environment/ports.js';
import { startProcess, type StartedProcess } from '../environment/processes.js';
import type { KubernetesProgram } from './binaries.js';
import { KubernetesApi } from './kubernetes-api.js';

export interface ControlPlane {
  readonly api: KubernetesApi;
  /** The file with which programs become an administrator. */
  readonly kubeconfig: string;
}

const local = '127.0.0.1';

/** etcd, the API server, the controllers and the scheduler, on this machine only. */
export async function startControlPlane(
  folder: string,
  program: (name: KubernetesProgram) => string,
  lifetime: Lifetime,
): Promise<ControlPlane> {
  const home = path.join(folder, 'control-plane');
  const file = (name: string): string => path.join(home, name);
  await mkdir(home);
  const start = async (name: string, command: string, ...args: string[]): Promise<StartedProcess> => {
    const started = startProcess({ name, command: [command, ...args], logFile: file(`${name}.log`) });
    await lifetime.add(name, () => started.stop());
    return started;
  };

  const [client, peer, port] = [await freePort(local), await freePort(local), await freePort(local)];
  const etcdAddress = `http://${local}:${client}`;
  const etcd = await start(
    'etcd',
    requireCommand('etcd'),
    ...['--data-dir', file('etcd'), '--listen-client-urls', etcdAddress, '--advertise-client-urls', etcdAddress],
    ...['--listen-peer-urls', `http://${local}:${peer}`, '--initial-advertise-peer-urls', `http://${local}:${peer}`],
    ...['--initial-cluster', `default=http://${local}:${peer}`, '--unsafe-no-fsync'],
  );
  await waitUntil(() => answers(`${etcdAddress}/health`, 200), {
    description: 'etcd does not answer',
    seconds: 60,
    hopeless: etcd.exited,
  });

  const token = randomBytes(16).toString('hex');
  await writeFile(file('tokens.csv'), `${token},admin,admin,system:masters\n`);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(file('accounts.key'), privateKey, { mode: 0o600 });
  await writeFile(file('accounts.pub'), publicKey);
  const server = await start(
    'kube-apiserver',
    program('kube-apiserver'),
    ...['--etcd-servers', etcdAddress, '--bind-address', local, '--secure-port', String(port)],
    // It signs a certificate for itself.
    ...['--cert-dir', file('certificates')],
    ...[
      '--service-account-issuer',
      'https://kubernetes.default.svc',
      '--service-account-key-file',
      file('accounts.pub'),
    ],
    ...['--service-account-signing-key-file', file('accounts.key'), '--token-auth-file', file('tokens.csv')],
    ...['--authorization-mode', 'AlwaysAllow', '--service-cluster-ip-range', '10.96.0.0/16'],
    // Logs are fetched from the node's address: its name is in no DNS.
    ...['--endpoint-reconciler-type', 'none', '--kubelet-preferred-address-types', 'InternalIP'],
  );
  const certificate = file('certificates/apiserver.crt');
  const address = `https://${local}:${port}`;
  await waitUntil(async () => new KubernetesApi(address, await readFile(certificate, 'utf8'), token).isReady(), {
    description: 'the API server of Kubernetes does not answer',
    seconds: 120,
    hopeless: server.exited,
  });

  const kubeconfig = file('kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(configuration(address, certificate, token)), { mode: 0o600 });
  const always = ['--kubeconfig', kubeconfig, '--leader-elect=false', '--secure-port', '0'];
  await start(
    'kube-controller-manager',
    program('kube-controller-manager'),
    ...[...always, '--service-account-private-key-file', file('accounts.key'), '--root-ca-file', certificate],
  );
  await start('kube-scheduler', program('kube-scheduler'), ...always);
  return { api: new KubernetesApi(address, await readFile(certificate, 'utf8'), token), kubeconfig };
}

/** JSON is YAML, which is what programs read. */
function configuration(server: string, certificate: string, token: string): object {
  const name = 'kdeploy-test';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
