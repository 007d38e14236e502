import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import { waitUntil } from './polling.js';

/** Kept from one run to the next: what takes long to make and depends on nothing but its recipe. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME ?? '';
  return path.join(base === '' ? path.join(homedir(), '.cache') : base, 'kdeploy-test');
}

/** A short name for a recipe, so that a changed recipe gets an entry of its own. */
export function recipeKey(...ingredients: string[]): string {
  return createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 12);
}

/** Whether the entry is there as a whole. */
export function isCached(name: string): boolean {
  return existsSync(completionMark(entryFolder(name)));
}

/**
 * The folder of a cache entry, filled by `build` where it is missing. A mark written last tells a complete entry from one that was
 * interrupted, and a lock makes a second run wait instead of building it too.
 */
export async function cached(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = entryFolder(name);
  if (isCached(name)) return folder;
  await exclusively(name, async () => {
    if (isCached(name)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await build(folder);
    await writeFile(completionMark(folder), '');
  });
  return folder;
}

/** Does the work while no other process does work of this name. */
export async function exclusively(name: string, work: () => Promise<void>): Promise<void> {
  const release = await hold(name);
  try {
    await work();
  } finally {
    await release();
  }
}

/** Waits until no other process holds the name, and holds it until the returned function is called or this process is gone. */
export async function hold(name: string, seconds = 900): Promise<() => Promise<void>> {
  await mkdir(cacheFolder(), { recursive: true });
  return lock(`${entryFolder(name)}.lock`, seconds);
}

function entryFolder(name: string): string {
  return path.join(cacheFolder(), name);
}

function completionMark(folder: string): string {
  return path.join(folder, '.complete');
}

/** A lock file with its holder's process id: a lock whose holder is gone counts for nothing. */
async function lock(file: string, seconds: number): Promise<() => Promise<void>> {
  const tryOnce = async (): Promise<boolean> => {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
      if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
      return false;
    }
  };
  await waitUntil(tryOnce, { description: `${file} is held by another run`, seconds });
  return () => rm(file, { force: true });
}

/** A process that has ended but that its parent has not asked about yet (a zombie) is not alive any more. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
