import { posix } from 'node:path';
import { KdeployError } from '../../../errors.js';
import type { ImagePython, Libc } from '../image-python.js';
import type { BaseFile, BaseTree } from './base-tree.js';

/** An interpreter, by what decides which C library it uses. */
export interface LinkedProgram {
  /** Without the first slash. */
  readonly path: string;
  readonly machine: ImagePython['machine'];
  /** `/lib64/ld-linux-x86-64.so.2`. */
  readonly loader: string | undefined;
}

/**
 * The C library that the base's Python is linked to, by the loader that it names: a base may have both (gcompat on Alpine, musl-dev
 * on Debian). Throws KdeployError `configuration` where it is not there.
 */
export function findLibc(tree: BaseTree, { path, machine, loader }: LinkedProgram): Libc {
  if (loader === undefined)
    throw new KdeployError(
      'configuration',
      `the Python of the base image (/${path}) is linked statically, so it cannot load the compiled modules of packages`,
      { hint: 'choose a base image whose Python is linked to glibc or musl, such as python:3.11-slim' },
    );
  const real = tree.resolve(loader);
  const isMusl = loader.includes('/ld-musl');
  const version = isMusl
    ? real?.node?.type === 'file'
      ? real.node.program?.musl
      : undefined
    : glibcVersion(tree, machine, posix.dirname(real?.path ?? loader));
  const [major, minor] = version?.split('.') ?? [];
  if (major !== undefined && minor !== undefined)
    return { kind: isMusl ? 'musl' : 'glibc', version: `${major}.${minor}` };
  throw new KdeployError(
    'configuration',
    `the C library of the base image is unknown: its Python (/${path}) is started by ${loader}, but ${isMusl ? 'that is not musl' : 'there is no libc.so.6 of glibc'}`,
    { hint: 'choose a base image of a distribution with glibc or musl, such as python:3.11-slim' },
  );
}

function glibcVersion(tree: BaseTree, machine: ImagePython['machine'], loaderFolder: string): string | undefined {
  const triplet = `${machine}-linux-gnu`;
  const folders = [loaderFolder, `lib/${triplet}`, `usr/lib/${triplet}`, 'lib64', 'usr/lib64', 'lib', 'usr/lib'];
  return folders
    .map((folder) => tree.resolve(`${folder}/libc.so.6`)?.node)
    .filter((node): node is BaseFile => node?.type === 'file' && node.program?.machine === machine)
    .map(({ program }) => program?.glibc)
    .find((version) => version !== undefined);
}
