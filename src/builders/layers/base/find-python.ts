import { posix } from 'node:path';
import { KdeployError } from '../../../errors.js';
import type { Image } from '../../../image/image.js';
import { formatPlatform, platformOf } from '../../../image/platform.js';
import { environmentValue } from '../../../image/run-configuration.js';
import type { ImagePython } from '../image-python.js';
import type { BaseFile, BaseTree } from './base-tree.js';
import { findLibc } from './find-libc.js';
import { parseVenvConfiguration } from './venv-configuration.js';
import { pythonVersion } from './python-version.js';

/** The Python that `python` starts in a container of the base. */
export interface FoundPython {
  readonly python: ImagePython;
  /** The folder above its `bin`, without the first slash: `usr`. */
  readonly prefix: string;
  /** The virtual environment of the base that `python` starts in; the interpreter itself is outside. */
  readonly environment: BaseEnvironment | undefined;
}

export interface BaseEnvironment {
  /** Without the first slash: `opt/venv`. */
  readonly folder: string;
  readonly hasSystemPackages: boolean;
}

/** What engines set where the image sets none (Docker, containerd). */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The oldest one that uv resolves for. */
const OLDEST_MINOR = 8;
const CHOOSE = 'choose a base image with CPython 3.8 or later, such as python:3.11-slim (image.base in kdeploy.yml)';

interface Command {
  /** Where it was found on PATH: `usr/local/bin/python`. */
  readonly place: string;
  /** Behind all links. */
  readonly path: string;
  readonly file: BaseFile;
}

/**
 * Finds the base's Python as a container would: `python` on PATH, which kedro-docker's Dockerfile calls, else `python3`, else the
 * newest `python3.X`. Throws KdeployError `configuration` where there is none that packages can be installed for.
 */
export function findPython(tree: BaseTree, { config, platform }: Pick<Image, 'config' | 'platform'>): FoundPython {
  const { env } = config.value.run;
  const folders = (environmentValue(env, 'PATH') ?? DEFAULT_PATH).split(':').filter((folder) => folder.startsWith('/'));
  const command = commandNames(tree, folders)
    .map((name) => findCommand(tree, folders, name))
    .find((found) => found !== undefined && !posix.basename(found.path).startsWith('python2'));
  if (command === undefined)
    throw new KdeployError(
      'configuration',
      `the base image has no Python: there is neither python nor python3 in ${folders.join(', ') || 'its PATH, which is empty'}`,
      { hint: CHOOSE },
    );
  const environment = environmentOf(tree, command);
  const { path, file } = interpreterOf(tree, command, environment);
  refuseOthers(path, file);
  const prefix = parentOf(parentOf(path));
  const version = pythonVersion(tree, { path, prefix, file }, environmentValue(env, 'PYTHON_VERSION'));
  if (Number(version.split('.')[1]) < OLDEST_MINOR)
    throw new KdeployError('configuration', `the base image has Python ${version} (/${path}), which is too old`, {
      hint: CHOOSE,
    });
  const machine = file.program?.machine;
  const wanted = platformOf(platform.os, platform.architecture);
  if (machine === undefined || platformOf('linux', machine).architecture !== wanted.architecture)
    throw new KdeployError(
      'configuration',
      `the base image is for ${formatPlatform(platform)}, but its Python (/${path}) is for ${machine ?? 'another machine'}`,
      { hint: 'the builder layers makes images for linux/amd64 and linux/arm64: choose a base image for one of them' },
    );
  const libc = findLibc(tree, { path, machine, loader: file.program?.loader });
  return { python: { version, executable: `/${path}`, libc, machine }, prefix, environment: environment?.base };
}

function commandNames(tree: BaseTree, folders: readonly string[]): string[] {
  const minors = folders.flatMap((folder) => {
    const node = tree.resolve(folder)?.node;
    const names = node?.type === 'folder' ? [...node.children.keys()] : [];
    return names.flatMap((name) => /^python3\.(\d+)$/.exec(name)?.[1] ?? []);
  });
  const newestFirst = [...new Set(minors.map(Number))].sort((one, other) => other - one);
  return ['python', 'python3', ...newestFirst.map((minor) => `python3.${minor}`)];
}

/** The first on PATH that can be executed, as execvp(3) finds it. */
function findCommand(tree: BaseTree, folders: readonly string[], name: string): Command | undefined {
  for (const folder of folders) {
    const resolved = tree.resolve(`${folder}/${name}`);
    if (resolved?.node?.type !== 'file' || (resolved.node.mode & 0o111) === 0) continue;
    return { place: `${tree.resolve(folder)?.path ?? folder}/${name}`, path: resolved.path, file: resolved.node };
  }
  return undefined;
}

interface LocatedEnvironment {
  readonly base: BaseEnvironment;
  readonly home: string | undefined;
}

/** By pyvenv.cfg beside the program or one folder up, before links are followed (Python's getpath, PEP 405). */
function environmentOf(tree: BaseTree, { place }: Command): LocatedEnvironment | undefined {
  const folder = parentOf(place);
  for (const each of [folder, parentOf(folder)]) {
    const node = tree.resolve(`${each}/pyvenv.cfg`)?.node;
    if (node?.type !== 'file' || node.content === undefined) continue;
    const { home, hasSystemPackages } = parseVenvConfiguration(node.content.toString('utf8'));
    return { base: { folder: parentOf(folder), hasSystemPackages }, home };
  }
  return undefined;
}

/** The interpreter outside of an environment: where the links lead to, or for a copy, where its pyvenv.cfg says. */
function interpreterOf(
  tree: BaseTree,
  command: Command,
  environment: LocatedEnvironment | undefined,
): Pick<Command, 'path' | 'file'> {
  if (environment?.home === undefined || !command.path.startsWith(`${environment.base.folder}/`)) return command;
  const names = [posix.basename(command.path), ...commandNames(tree, [environment.home]).toReversed()];
  for (const name of names) {
    const found = findCommand(tree, [environment.home], name);
    if (found !== undefined) return found;
  }
  throw new KdeployError(
    'configuration',
    `the base image has a virtual environment in /${environment.base.folder}, but not the Python that it was made with (${environment.home})`,
    { hint: CHOOSE },
  );
}

function refuseOthers(path: string, { program }: BaseFile): void {
  const name = posix.basename(path);
  const kind = /^(?:pypy|graalpy)/.exec(name)?.[0];
  if (kind !== undefined)
    throw new KdeployError(
      'configuration',
      `the Python of the base image is ${kind === 'pypy' ? 'PyPy' : 'GraalPy'} (/${path}), which needs other wheels than CPython`,
      { hint: CHOOSE },
    );
  if (/^python3\.\d+t$/.test(name))
    throw new KdeployError(
      'configuration',
      `the Python of the base image is free-threaded (/${path}), which the builder layers does not support`,
      { hint: CHOOSE },
    );
  if (program?.kind === 'elf') return;
  const why = program?.kind === 'script' ? 'a script, so it is not known which Python it starts' : 'not an interpreter';
  throw new KdeployError('configuration', `the Python of the base image is unknown: /${path} is ${why}`, {
    hint: 'put the folder of the interpreter itself first on the PATH of the base image (ENV PATH=…), or choose another base',
  });
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === '.' ? '' : parent;
}
