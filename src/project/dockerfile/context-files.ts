import type { Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { workTree } from '../sources/work-tree.js';
import { readBuildContext } from './dockerignore.js';

/** Something in a build context: a file, a folder, a link, or what cannot be copied. */
export interface ContextFile {
  /** `src/app/nodes.py`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  /** Of the entry itself, not of what a link leads to. */
  readonly stat: Stats;
  /** What it may be used for, as tar has it. */
  readonly mode: number;
}

export interface ContextOptions {
  /** Relative to the project. */
  readonly dockerfile: string;
  readonly usesBuildKit: boolean;
  /** Files that get in whatever .dockerignore says. */
  readonly kept: readonly string[];
}

/**
 * The files of a build context as the docker CLI finds them (cli/command/image/build): without what .dockerignore leaves out, or
 * kedro-docker's own list where there is none; folders before what is in them, each folder in the order of its names. The
 * same reading of .dockerignore as the checks have: what they call left out must not get in here.
 */
export async function* contextFiles(
  project: string,
  { dockerfile, usesBuildKit, kept }: ContextOptions,
): AsyncGenerator<ContextFile> {
  const context = await readBuildContext(workTree(project), { dockerfile, usesBuildKit });
  const isLeftOut = (name: string) => !kept.includes(name) && context.isIgnored(name);
  const isLeftOutWithAllBelow = (name: string) =>
    context.isWhollyIgnored(name) && !kept.some((file) => file.startsWith(`${name}/`));
  yield* walk('');

  async function* walk(folder: string): AsyncGenerator<ContextFile> {
    const entries = await readdir(path.join(project, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!isLeftOut(name)) {
        const found = await contextFile(project, name);
        if (found === undefined) continue;
        yield found;
      } else if (!entry.isDirectory() || isLeftOutWithAllBelow(name)) continue;
      if (entry.isDirectory()) yield* walk(name);
    }
  }
}

/** `undefined` for a file that has been removed since its folder was read, as docker leaves it out (fsutil, walker.go). */
async function contextFile(project: string, name: string): Promise<ContextFile | undefined> {
  const file = path.join(project, name);
  try {
    const stat = await lstat(file);
    return { name, file, stat, mode: permissions(stat.mode) };
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    // Bytes that are not UTF-8 are read as U+FFFD, and no file has that name.
    if (name.includes('\uFFFD')) throw notUnicode(`the name of ${name}`, name, error);
    return undefined;
  }
}

/** Windows knows no right to execute, so docker gives it to all files there (pkg/archive, chmodTarEntry). */
export function permissions(mode: number, platform: NodeJS.Platform = process.platform): number {
  return platform === 'win32' ? 0o755 : mode & 0o7777;
}

/** Where a link leads to, as it is written. Throws KdeployError `configuration` for a target that is not UTF-8. */
export async function linkTarget({ name, file }: Pick<ContextFile, 'name' | 'file'>): Promise<string> {
  const bytes = await readlink(file, { encoding: 'buffer' });
  const target = bytes.toString('utf8');
  if (!Buffer.from(target).equals(bytes)) throw notUnicode(`what the link ${name} leads to`, name);
  return target;
}

/** A tar with pax headers has names in UTF-8 (pax(1)); what others make of other bytes differs. */
function notUnicode(what: string, file: string, cause?: unknown): KdeployError {
  return new KdeployError('configuration', `${what} is not UTF-8, so it cannot be put into an image`, {
    ...(cause !== undefined && { cause }),
    place: { file },
    hint: 'rename it, or leave it out by .dockerignore',
  });
}
