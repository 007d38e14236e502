import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { cacheFolder } from './cache.js';
import type { EnvironmentDescription } from './description.js';

/** What `up` leaves for later runs to find. */
export interface KeptEnvironment {
  /** The keeper's process id. */
  readonly keeper: number;
  readonly environment: EnvironmentDescription;
}

function stateFile(): string {
  return path.join(cacheFolder(), 'environment.json');
}

export async function readState(): Promise<KeptEnvironment | undefined> {
  try {
    return JSON.parse(await readFile(stateFile(), 'utf8')) as KeptEnvironment;
  } catch {
    return undefined;
  }
}

export async function writeState(state: KeptEnvironment): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const unfinished = `${stateFile()}.part`;
  await writeFile(unfinished, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(unfinished, stateFile());
}

export async function removeState(): Promise<void> {
  await rm(stateFile(), { force: true });
}
