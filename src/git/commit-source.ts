import { posix } from 'node:path';
import { KdeployError } from '../errors.js';
import type { ProjectSource } from '../project/sources/source.js';
import {
  leadsOut,
  MAXIMUM_BYTES,
  OUTSIDE_PROJECT,
  tooLarge,
  type WorkTreeOptions,
} from '../project/sources/work-tree.js';
import type { Commits } from './commits.js';
import type { TreeEntry } from './tree.js';

export interface CommitSourceOptions extends WorkTreeOptions {
  readonly maximumFiles?: number;
}

/** As Linux's MAXSYMLINKS: a chain of more links leads in a circle. */
const MAXIMUM_LINKS = 40;
/** A few hundred bytes of git objects can stand for a billion files, each folder ten times the next one. */
const MAXIMUM_FILES = 500_000;
const MAXIMUM_LINK_BYTES = 4096;

interface Found {
  /** Seen from the repository's root. */
  readonly path: readonly string[];
  readonly entry: TreeEntry;
}

/**
 * A project as a commit has it: what the work tree would show after a checkout of it, by the same rules as `workTree`.
 * `tree` is the commit's root folder, `folder` the project in it (`''`: the whole repository).
 */
export function commitSource(
  commits: Commits,
  tree: string,
  folder: string,
  { maximumBytes = MAXIMUM_BYTES, maximumFiles = MAXIMUM_FILES }: CommitSourceOptions = {},
): ProjectSource {
  const root = partsOf(folder);
  return {
    async read(path) {
      const found = await insideProject(path);
      // A link to the project itself: `workTree` takes only what is in it for its own.
      if (found?.path.length === root.length) throw leadsOut(path);
      if (found?.entry.kind !== 'file') return undefined;
      const { size, content } = await commits.blob(found.entry.id, maximumBytes);
      if (content === undefined) throw tooLarge(path, size, maximumBytes);
      return content;
    },

    async list(below, skip = () => false) {
      const start = below.split('/').includes('..') ? undefined : await insideProject(below).catch(unlessLeadsOut);
      if (start?.entry.kind !== 'folder') return [];
      const found: string[] = [];
      const pending = [{ path: partsOf(below).join('/'), id: start.entry.id }];
      while (pending.length > 0) {
        const level = pending.splice(0, pending.length);
        const trees = await Promise.all(level.map(({ id }) => commits.tree(id)));
        for (const [index, { path: parent }] of level.entries()) {
          for (const [name, { kind, id }] of trees[index] ?? []) {
            const path = parent === '' ? name : `${parent}/${name}`;
            if (kind === 'folder') {
              if (!skip(path)) pending.push({ path, id });
            } else if (kind !== 'submodule') found.push(path);
          }
          if (found.length + pending.length > maximumFiles) throw tooManyFiles(folder, maximumFiles);
        }
      }
      return found.sort();
    },
  };

  /** What a path of the project refers to, links followed; `undefined` when it leads nowhere. */
  async function insideProject(path: string): Promise<Found | undefined> {
    // By its words first, as `workTree` has it: what is taken back (`a/../b`) need not be there.
    const meant = posix.normalize(path);
    if (isAbsolute(path) || meant.split('/')[0] === '..') throw leadsOut(path);
    const found = await follow([...root, ...meant.split('/')], path);
    if (found !== undefined && !isBelow(root, found.path)) throw leadsOut(path);
    return found;
  }

  async function follow(path: readonly string[], requested: string): Promise<Found | undefined> {
    const rest = [...path];
    const passed: Found[] = [{ path: [], entry: { kind: 'folder', id: tree } }];
    let links = 0;
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      const here = passed.at(-1);
      if (here === undefined) throw leadsOut(requested);
      if (here.entry.kind !== 'folder') return undefined;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        passed.pop();
        if (passed.length === 0) throw leadsOut(requested);
        continue;
      }
      const entry = (await commits.tree(here.entry.id)).get(part);
      if (entry === undefined) return undefined;
      if (entry.kind !== 'link') passed.push({ path: [...here.path, part], entry });
      else {
        const target = (await commits.blob(entry.id, MAXIMUM_LINK_BYTES)).content?.toString('utf8');
        if (target === undefined || ++links > MAXIMUM_LINKS) return undefined;
        if (isAbsolute(target)) throw leadsOut(requested);
        rest.unshift(...target.split('/'));
      }
    }
    return passed.at(-1);
  }
}

function partsOf(folder: string): string[] {
  return folder.split('/').filter((part) => part !== '' && part !== '.');
}

/** On another machine it leads elsewhere, and in an image nowhere. */
function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

function isBelow(folder: readonly string[], path: readonly string[]): boolean {
  return folder.every((part, index) => path[index] === part);
}

/** A folder that is a link out of the project has nothing that could get into an image. */
function unlessLeadsOut(error: unknown): undefined {
  if (error instanceof KdeployError && error.message.endsWith(OUTSIDE_PROJECT)) return undefined;
  throw error;
}

function tooManyFiles(folder: string, maximumFiles: number): KdeployError {
  return new KdeployError(
    'configuration',
    `${folder === '' ? 'the project' : folder} has more than ${maximumFiles} files in the commit`,
    { hint: 'keep data out of git' },
  );
}
