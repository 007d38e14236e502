import { constants, type Dirent } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { fileProblem } from '../../system-error.js';
import type { ProjectSource } from './source.js';

/** Far above any file kdeploy reads for its meaning; a larger one is data that lies in the wrong place. */
export const MAXIMUM_BYTES = 5 * 1024 * 1024;

export interface WorkTreeOptions {
  readonly maximumBytes?: number;
}

/** The project as it lies on disk. Nothing is kept: each read sees the file as it is now. */
export function workTree(root: string, { maximumBytes = MAXIMUM_BYTES }: WorkTreeOptions = {}): ProjectSource {
  return {
    async read(path) {
      const file = await insideProject(root, path);
      return file === undefined ? undefined : readFile(file, path, maximumBytes);
    },

    async list(folder, skip = () => false) {
      const found: string[] = [];
      const start = clean(folder);
      if (start !== '') await refuseLinkOut(root, start);
      const pending = [start];
      // Breadth first, a level at a time: fast on a cold disk, and no recursion for a hostile tree to exhaust.
      while (pending.length > 0) {
        const level = pending.splice(0, pending.length);
        const entries = await Promise.all(level.map((each) => entriesOf(root, each)));
        for (const [index, parent] of level.entries()) {
          for (const entry of entries[index] ?? []) {
            const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
            if (!entry.isDirectory()) found.push(path);
            else if (!skip(path)) pending.push(path);
          }
        }
      }
      return found.sort();
    },
  };
}

function clean(folder: string): string {
  return folder
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

const NOTHING_THERE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

async function entriesOf(root: string, folder: string): Promise<Dirent[]> {
  if (folder.split('/').includes('..')) return [];
  try {
    return await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    // Gone, not a folder, or not readable: in each case there is nothing that a build could copy either.
    if (NOTHING_THERE.has(systemCodeOf(error) ?? '')) return [];
    throw unreadable(folder === '' ? '.' : folder, error);
  }
}

/**
 * The real path of a file, `undefined` when it leads nowhere. A link out of the project is refused: Docker would not put
 * its target into the image, and in a shared repository it could make kdeploy print someone's private file.
 */
async function insideProject(root: string, path: string): Promise<string | undefined> {
  const absoluteRoot = resolve(root);
  const requested = resolve(absoluteRoot, path);
  if (!isBelow(absoluteRoot, requested)) throw leadsOut(path);
  let real: string;
  let realRoot: string;
  try {
    [real, realRoot] = await Promise.all([realpath(requested), realpath(absoluteRoot)]);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EACCES') throw unreadable(path, error);
    // ELOOP: a link that leads back to itself contains no file.
    return undefined;
  }
  if (!isBelow(realRoot, real)) throw leadsOut(path);
  return real;
}

/** A folder that is itself a link is followed by the system: one to `/` would make the check read the whole machine. */
async function refuseLinkOut(root: string, folder: string): Promise<void> {
  let real: string;
  let realRoot: string;
  try {
    [real, realRoot] = await Promise.all([realpath(join(root, folder)), realpath(root)]);
  } catch {
    // Missing, or a loop: nothing will be found in it.
    return;
  }
  if (!folder.split('/').includes('..') && real !== realRoot && !isBelow(realRoot, real)) throw leadsOut(folder);
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function readFile(file: string, path: string, maximumBytes: number): Promise<Buffer | undefined> {
  let handle;
  try {
    // Without O_NONBLOCK a named pipe would make the check wait forever for a writer (Windows has neither: undefined, so 0).
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENXIO') return undefined;
    throw unreadable(path, error);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return undefined;
    if (stats.size > maximumBytes) throw tooLarge(path, stats.size, maximumBytes);
    return await handle.readFile();
  } catch (error) {
    throw error instanceof KdeployError ? error : unreadable(path, error);
  } finally {
    await handle.close();
  }
}

export function tooLarge(path: string, size: number, maximumBytes: number): KdeployError {
  return new KdeployError('configuration', `${path} is too large to read (${size} bytes)`, {
    place: { file: path },
    hint: `kdeploy reads files up to ${maximumBytes} bytes; move the data out of this file`,
  });
}

/** How `leadsOut` ends, for those who need to recognise it. */
export const OUTSIDE_PROJECT = 'points outside the project';

export function leadsOut(path: string): KdeployError {
  return new KdeployError('configuration', `${path} ${OUTSIDE_PROJECT}`, {
    place: { file: path },
    hint: 'move the file itself into the project; an image cannot contain files from outside it',
  });
}

function unreadable(path: string, cause: unknown): KdeployError {
  const { message, hint } = fileProblem(cause, path, 'read') ?? {
    message: `${path} cannot be read`,
    hint: 'check the file',
  };
  return new KdeployError('configuration', message, { place: { file: path }, cause, ...(hint && { hint }) });
}
