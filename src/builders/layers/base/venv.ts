import { posix } from 'node:path';
import { KdeployError } from '../../../errors.js';
import { minorVersion, type ImagePython } from '../image-python.js';
import type { ImageEntry } from '../pack/image-entry.js';
import type { BaseFacts } from './base-facts.js';
import { foldersAbove, resolvePlace } from './places.js';
import { libraryFolder } from './site-packages.js';

export interface VenvOptions {
  /** Whether packages of the base can be imported, too. */
  readonly hasSystemPackages: boolean;
}

export interface Venv {
  /** Where it really is, without the first slash: `opt/venv`, behind the base's links. What is installed goes below. */
  readonly root: string;
  /** Of the folder that packages are installed in: `opt/venv/lib/python3.11/site-packages`. */
  readonly sitePackages: string;
  /** Whether the base has a folder in that place, which is hidden. */
  readonly hidesBase: boolean;
  readonly entries: readonly ImageEntry[];
}

/** Where programs of the image find it, whatever the base's links. */
export const VENV = 'opt/venv';

const ROOT = { uid: 0, gid: 0 } as const;

/**
 * The virtual environment of the image, with nothing in it, as `python -m venv --without-pip /opt/venv` of the image's Python makes
 * it, but for the scripts that activate it. Where the base has something in that place, the first entry hides it from the
 * base's layers (OCI image spec, layer.md, "Opaque Whiteout"), so this layer has to be below all that is installed in it.
 * Throws KdeployError `configuration` where the base's own Python is there, or a file is in the way.
 */
export function venvOf(facts: Pick<BaseFacts, 'python' | 'places'>, { hasSystemPackages }: VenvOptions): Venv {
  const { python } = facts;
  const place = resolvePlace(facts, VENV);
  if (place === undefined || place.place?.type === 'file')
    throw failure(`/${VENV} of the base image cannot be a folder: a file is in the way`);
  const root = place.path;
  if (python.executable.startsWith(`/${root}/`))
    throw failure(`the base image has its own Python in /${VENV} (${python.executable}), where packages are installed`);
  const folder = (path: string): ImageEntry => ({ type: 'folder', path, mode: 0o755, ...ROOT });
  const link = (path: string, target: string): ImageEntry => ({
    type: 'link',
    path: `${root}/${path}`,
    target,
    ...ROOT,
  });
  const file = (path: string, text: string): ImageEntry => ({
    ...{ type: 'file', path: `${root}/${path}`, mode: 0o644, ...ROOT },
    content: { kind: 'bytes', bytes: Buffer.from(text) },
  });
  const hidesBase = place.place !== undefined;
  const library = libraryFolder(python);
  const minor = minorVersion(python);
  const folders = ['bin', ...includeFolders(minor), 'lib', library, `${library}/site-packages`];
  return {
    root,
    sitePackages: `${root}/${library}/site-packages`,
    hidesBase,
    entries: [
      ...foldersAbove(facts, root),
      folder(root),
      ...(hidesBase ? [file('.wh..wh..opq', '')] : []),
      ...folders.map((each) => folder(`${root}/${each}`)),
      link('bin/python', python.executable),
      link('bin/python3', 'python'),
      link(`bin/python${minor}`, 'python'),
      link('lib64', 'lib'),
      file('pyvenv.cfg', configurationOf(python, hasSystemPackages)),
    ],
  };
}

/** With a folder of the Python's own since 3.11 (EnvBuilder.ensure_directories in Python's Lib/venv). */
function includeFolders(minor: string): string[] {
  return Number(minor.split('.')[1]) < 11 ? ['include'] : ['include', `include/python${minor}`];
}

/** pyvenv.cfg, with the lines that the venv module of this Python writes. */
function configurationOf(python: ImagePython, hasSystemPackages: boolean): string {
  const { executable, version } = python;
  const isDetailed = Number(minorVersion(python).split('.')[1]) >= 11;
  const flags = ['--without-pip', ...(hasSystemPackages ? ['--system-site-packages'] : [])];
  const lines = [
    `home = ${posix.dirname(executable)}`,
    `include-system-site-packages = ${hasSystemPackages}`,
    // Without what a pre-release has behind it.
    `version = ${/^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version}`,
    ...(isDetailed
      ? [`executable = ${executable}`, `command = ${executable} -m venv ${flags.join(' ')} /${VENV}`]
      : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function failure(message: string): KdeployError {
  return new KdeployError('configuration', message, {
    hint: 'choose a base image without /opt/venv, or build with `--builder kedro` (image.builder: kedro in kdeploy.yml)',
  });
}
