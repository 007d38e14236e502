import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, isCached, recipeKey } from '../environment/cache.js';
import { run } from '../environment/commands.js';
import { timed } from '../environment/progress.js';
import { requireGo } from '../environment/go.js';

/** A Go module that requires Kubernetes, in the version that these tests run on. */
const moduleFolder = fileURLToPath(new URL('kubernetes', import.meta.url));
const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const;

export type KubernetesProgram = (typeof programs)[number] | 'pause';

/** Finds the programs of Kubernetes, and the one that holds a pod's namespaces. The first time, they are built: ten minutes. */
export async function ensureKubernetes(): Promise<(program: KubernetesProgram) => string> {
  const version = /^require k8s\.io\/kubernetes v(\S+)$/m.exec(await source('go.mod'))?.[1];
  if (version === undefined) throw new Error('go.mod requires no version of k8s.io/kubernetes');
  const name = `kubernetes-${version}-${recipeKey(await source('go.sum'), await source('pause.go'), arch())}`;
  const make = (): Promise<string> => cached(name, (folder) => build(folder, version));
  const folder = isCached(name) ? await make() : await timed(`Kubernetes ${version}`, 'built', make);
  return (program) => path.join(folder, program);
}

async function build(folder: string, version: string): Promise<void> {
  const [major, minor] = version.split('.');
  const about = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(about).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  const compiler = await requireGo();
  const go = async (...args: string[]): Promise<unknown> =>
    run(['nice', compiler, 'build', '-ldflags', ['-s', '-w', ...flags].join(' '), '-o', folder, ...args], {
      cwd: moduleFolder,
      // Static, for an image with nothing else in it.
      env: { CGO_ENABLED: '0' },
    });
  await go(...programs.map((program) => `k8s.io/kubernetes/cmd/${program}`));
  await go('pause.go');
}

function source(file: string): Promise<string> {
  return readFile(path.join(moduleFolder, file), 'utf8');
}
