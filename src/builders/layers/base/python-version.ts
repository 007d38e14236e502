import { posix } from 'node:path';
import { KdeployError } from '../../../errors.js';
import type { BaseFile, BaseFolder, BaseTree } from './base-tree.js';

export interface Interpreter {
  /** Without the first slash. */
  readonly path: string;
  readonly prefix: string;
  readonly file: BaseFile;
}

const LIBRARY_FOLDERS = ['usr/local/lib', 'usr/local/lib64', 'usr/lib', 'usr/lib64', 'lib', 'lib64'];

/**
 * The whole version of an interpreter. Its minor version is in its name, and the rest of it in the code: in the program, or in the
 * library that it is linked to (python:slim, Fedora, Alpine, pyenv). `declared` is PYTHON_VERSION of the image's environment, as Python's
 * own images set it. Throws KdeployError `configuration` where nothing tells the version.
 */
export function pythonVersion(tree: BaseTree, interpreter: Interpreter, declared: string | undefined): string {
  const { path, file } = interpreter;
  const minor = minorOf(tree, interpreter);
  const isOfMinor = (version: string) => minor !== undefined && version.startsWith(`${minor}.`);
  const own = file.program?.pythonVersions ?? [];
  const linked = minor === undefined ? [] : libraryVersions(tree, interpreter, minor);
  // A program that is linked to the library has the version only in folders of that name.
  const inCode = file.program?.libraryVersion === undefined ? [...own, ...linked] : [...linked, ...own];
  const header = headerVersion(tree, interpreter, minor);
  const found = [...inCode, header, declared].find((version) => version !== undefined && isOfMinor(version));
  if (found !== undefined) return found;
  const isOld = minor !== undefined && Number(minor.split('.')[1]) < 8;
  if (isOld) return minor;
  throw new KdeployError(
    'configuration',
    `the version of the base image's Python is unknown: ${minor === undefined ? `/${path} does not name it` : `/${path} is ${minor}, but neither it nor libpython${minor}.so.1.0 tells the patch version`}`,
    { hint: 'choose a base image with CPython, or set PYTHON_VERSION in the base image: ENV PYTHON_VERSION=3.11.9' },
  );
}

function minorOf(tree: BaseTree, { path, prefix, file }: Interpreter): string | undefined {
  const named = /^(?:platform-)?python(3\.\d+)$/.exec(posix.basename(path))?.[1] ?? file.program?.libraryVersion;
  if (named !== undefined) return named;
  const folder = tree.resolve(`${prefix}/lib`)?.node;
  const libraries = folder?.type === 'folder' ? [...folder.children.keys()] : [];
  const minors = libraries.flatMap((name) => /^python(3\.\d+)$/.exec(name)?.[1] ?? []);
  return minors.length === 1 ? minors[0] : undefined;
}

/** Beside the program first, then where the loader looks, then anywhere. */
function libraryVersions(tree: BaseTree, { prefix, file }: Interpreter, minor: string): string[] {
  const triplet = `${file.program?.machine ?? ''}-linux-gnu`;
  const folders = [`${prefix}/lib`, `${prefix}/lib64`, ...LIBRARY_FOLDERS].flatMap((each) => [
    each,
    `${each}/${triplet}`,
  ]);
  const names = ['', 'm'].map((flag) => `libpython${minor}${flag}.so.1.0`);
  const usual = folders.flatMap((folder) => names.map((name) => tree.resolve(`${folder}/${name}`)?.node));
  const all = [...usual, ...filesNamed(tree.root, new Set(names))];
  const libraries = all.filter((node): node is BaseFile => node?.type === 'file');
  return libraries
    .filter(({ program }) => program?.machine === file.program?.machine)
    .flatMap(({ program }) => program?.pythonVersions ?? []);
}

function* filesNamed(folder: BaseFolder, names: ReadonlySet<string>): Generator<BaseFile> {
  for (const [name, node] of folder.children) {
    if (node.type === 'folder') yield* filesNamed(node, names);
    else if (node.type === 'file' && names.has(name)) yield node;
  }
}

function headerVersion(tree: BaseTree, { prefix }: Interpreter, minor: string | undefined): string | undefined {
  const node = tree.resolve(`${prefix}/include/python${minor ?? ''}/patchlevel.h`)?.node;
  const text = node?.type === 'file' ? node.content?.toString('utf8') : undefined;
  return /^#define\s+PY_VERSION\s+"([^"+]+)\+?"/m.exec(text ?? '')?.[1];
}
