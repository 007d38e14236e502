import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { inFolderOf } from '../guarded-file.js';
import { systemCodeOf } from '../errors.js';
import { fileProblem } from '../system-error.js';

/** What kdeploy keeps by a key of its content or of its recipe, to be deleted at any time. */
export interface FileCache {
  /** The path of what is kept under this key, now used; `undefined`: nothing is. */
  find(kind: string, key: string): Promise<string | undefined>;
  /** Keeps content under a key, whole or not at all, and returns its path. Throws KdeployError `configuration`: a full disk. */
  keep(kind: string, key: string, content: AsyncIterable<Uint8Array> | Uint8Array | string): Promise<string>;
  /**
   * The path of a folder under this key, now used: the one that is kept, else one that `fill` makes of an empty one. It is
   * found only when it is whole; where two processes make it at once, both get that of the one that was done first.
   * Throws what `fill` throws, and KdeployError `configuration`.
   */
  folder(kind: string, key: string, fill: (folder: string) => Promise<void>): Promise<string>;
  /** What turned out to be damaged. */
  discard(kind: string, key: string): Promise<void>;
  /** Lends an empty folder, which is gone afterwards. */
  withFolder<T>(use: (folder: string) => Promise<T>): Promise<T>;
}

export interface CacheEntry {
  readonly kind: string;
  readonly key: string;
  readonly bytes: number;
  readonly usedAt: Date;
}

/** Another process may be filling one that is younger. */
const SCRATCH_HOURS = 24;
const SCRATCH = 'scratch';
/** A file that is being written (guarded-folder.ts). */
const UNFINISHED = /^\.kdeploy-.*\.tmp$/;

/** What a cache may hold where nobody says otherwise (docs/guide.md, "cache prune"): 10 GB. */
export const MAXIMUM_CACHE_BYTES = 10e9;

/** The file that tells when a build last pruned. */
const PRUNED = 'pruned';
const PRUNING_HOURS = 24;

/** `$KDEPLOY_CACHE_FOLDER`, else `$XDG_CACHE_HOME/kdeploy`, else `~/.cache/kdeploy`. */
export class FolderCache implements FileCache {
  constructor(readonly root: string) {}

  static ofUser(environment: NodeJS.ProcessEnv = process.env, home: string = homedir()): FolderCache {
    const own = environment.KDEPLOY_CACHE_FOLDER;
    if (own !== undefined && own !== '') return new FolderCache(path.resolve(own));
    const cache = environment.XDG_CACHE_HOME;
    return new FolderCache(
      path.join(cache !== undefined && path.isAbsolute(cache) ? cache : path.join(home, '.cache'), 'kdeploy'),
    );
  }

  async find(kind: string, key: string): Promise<string | undefined> {
    const file = this.#path(kind, key);
    const entry = await lstat(file).catch(() => undefined);
    if (entry?.isFile() !== true) return undefined;
    const now = new Date();
    // What is used is kept longest. A cache that is only read serves as well.
    await utimes(file, now, entry.mtime).catch(() => undefined);
    return file;
  }

  async keep(kind: string, key: string, content: AsyncIterable<Uint8Array> | Uint8Array | string): Promise<string> {
    const file = this.#path(kind, key);
    await inFolderOf(
      this.root,
      path.join(kind, key),
      (folder, name) => folder.replace(name, { content, mode: 0o600 }),
      {
        create: true,
        shown: file,
      },
    );
    return file;
  }

  async folder(kind: string, key: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const kept = this.#path(kind, key);
    const isKept = await isFolder(kept);
    if (!isKept) await this.withFolder((scratch) => this.#fill(kept, scratch, fill));
    const now = new Date();
    await utimes(kept, now, now).catch(() => undefined);
    return kept;
  }

  async #fill(kept: string, scratch: string, fill: (folder: string) => Promise<void>): Promise<void> {
    await fill(scratch);
    try {
      await mkdir(path.dirname(kept), { recursive: true });
      await rename(scratch, kept);
    } catch (error) {
      // Somebody else was done first.
      if (await isFolder(kept)) return;
      throw fileProblem(error, kept, 'written') ?? error;
    }
  }

  async discard(kind: string, key: string): Promise<void> {
    const kept = this.#path(kind, key);
    if (!(await isFolder(kept))) return rm(kept, { force: true });
    // Nobody finds a folder that is half gone.
    await this.withFolder((scratch) =>
      rename(kept, path.join(scratch, key)).catch((error: unknown) => {
        // Somebody else removes it as well.
        if (systemCodeOf(error) !== 'ENOENT') throw fileProblem(error, kept, 'removed') ?? error;
      }),
    );
  }

  async withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = path.join(this.root, SCRATCH, randomUUID());
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw fileProblem(error, folder, 'written') ?? error;
    });
    try {
      return await use(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** All that is kept, the longest unused first. */
  async entries(): Promise<CacheEntry[]> {
    const kinds = (await readdir(this.root, { withFileTypes: true }).catch(() => [])).filter((each) =>
      each.isDirectory(),
    );
    const found = await Promise.all(
      kinds
        .filter(({ name }) => name !== SCRATCH)
        .map(async ({ name: kind }) => {
          const keys = await readdir(path.join(this.root, kind)).catch(() => []);
          return Promise.all(
            keys.filter(isWhole).map(async (key): Promise<CacheEntry | undefined> => {
              const kept = path.join(this.root, kind, key);
              const entry = await lstat(kept).catch(() => undefined);
              if (entry?.isFile() === true) return { kind, key, bytes: entry.size, usedAt: entry.atime };
              // To list a folder is to access it, so its other time tells when it was used.
              return entry?.isDirectory() === true
                ? { kind, key, bytes: await bytesBelow(kept), usedAt: entry.mtime }
                : undefined;
            }),
          );
        }),
    );
    return found
      .flat()
      .filter((entry) => entry !== undefined)
      .sort((one, other) => one.usedAt.getTime() - other.usedAt.getTime());
  }

  /**
   * Removes what was longest unused until the rest fits, of 0 bytes all of it, and what killed commands left behind; returns
   * what was removed. Throws the signal's reason, and KdeployError `configuration`.
   */
  async prune(maximumBytes: number, signal?: AbortSignal): Promise<CacheEntry[]> {
    await this.#sweepScratch();
    const entries = await this.entries();
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const removed: CacheEntry[] = [];
    for (const entry of entries) {
      if (bytes <= maximumBytes && maximumBytes > 0) break;
      signal?.throwIfAborted();
      await this.discard(entry.kind, entry.key);
      bytes -= entry.bytes;
      removed.push(entry);
    }
    return removed;
  }

  /**
   * Prunes, unless a build did so today: to count the files of a Python environment takes a second, and a build with one new
   * package little more.
   */
  async pruneDaily(maximumBytes = MAXIMUM_CACHE_BYTES): Promise<CacheEntry[]> {
    const mark = await lstat(path.join(this.root, PRUNED)).catch(() => undefined);
    if (mark !== undefined && Math.abs(Date.now() - mark.mtimeMs) < PRUNING_HOURS * 3_600_000) return [];
    const shown = path.join(this.root, PRUNED);
    await inFolderOf(this.root, PRUNED, (folder, name) => folder.replace(name, { content: '', mode: 0o600 }), {
      ...{ create: true, shown },
    });
    return this.prune(maximumBytes);
  }

  async #sweepScratch(): Promise<void> {
    for (const kind of await readdir(this.root).catch(() => [])) {
      const names = await readdir(path.join(this.root, kind)).catch(() => []);
      for (const name of names.filter((each) => kind === SCRATCH || !isWhole(each))) {
        const left = path.join(this.root, kind, name);
        const entry = await lstat(left).catch(() => undefined);
        const hours = (Date.now() - (entry?.mtimeMs ?? 0)) / 3_600_000;
        if (hours > SCRATCH_HOURS) await rm(left, { recursive: true, force: true });
      }
    }
  }

  #path(kind: string, key: string): string {
    return path.join(this.root, kind, key);
  }
}

function isWhole(key: string): boolean {
  return !UNFINISHED.test(key);
}

async function isFolder(name: string): Promise<boolean> {
  return (await lstat(name).catch(() => undefined))?.isDirectory() === true;
}

/** Of a file with several names, each folder that has one bears its share: uv installs by giving files further names. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  // One after the other: a Python environment has tens of thousands of files.
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(name);
    else {
      const found = await lstat(name).catch(() => undefined);
      if (found !== undefined) bytes += Math.ceil(found.size / Math.max(1, found.nlink));
    }
  }
  return bytes;
}
