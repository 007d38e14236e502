import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
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
      if (!isLeftOut(name)) yield await contextFile(project, name);
      else if (!entry.isDirectory() || isLeftOutWithAllBelow(name)) continue;
      if (entry.isDirectory()) yield* walk(name);
    }
  }
}

async function contextFile(project: string, name: string): Promise<ContextFile> {
  const file = path.join(project, name);
  return { name, file, stat: await lstat(file) };
}
