import { copyFile, link, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

import { cacheFolder } from './environment/cache.js';

/** Of kdeploy's cache: downloaded files under their hashes, which are checked wherever one is found. */
const KIND = 'wheels';

/**
 * Gives an empty cache of kdeploy the wheels that earlier runs downloaded, for a download is nothing that a test is about. All
 * that kdeploy makes of them, it makes anew.
 */
export async function lendWheels(cache: string): Promise<void> {
  await linkAll(keptWheels(), path.join(cache, KIND));
}

/** Keeps the wheels that were downloaded for the next run. */
export async function keepWheels(cache: string): Promise<void> {
  await linkAll(path.join(cache, KIND), keptWheels());
}

function keptWheels(): string {
  return path.join(cacheFolder(), 'kdeploy-wheels');
}

async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const there = new Set(await namesIn(to));
  for (const name of await namesIn(from)) {
    if (there.has(name)) continue;
    const [source, target] = [path.join(from, name), path.join(to, name)];
    // On another disk it is copied.
    await link(source, target).catch(() => copyFile(source, target));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
