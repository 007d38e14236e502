import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileCache } from '../../../cache/file-cache.js';
import { readPlainFile } from '../../../plain-file.js';
import { withoutCredentials } from './index-credentials.js';
import type { LockedPackage } from './locked-package.js';

/** Of the cache. */
const KIND = 'locks';
/** Another one when what is kept, or how packages are chosen, changes. */
const FORMAT = 1;

/** What the packages were resolved from; it counts without the credentials in it, which may be new each day. */
export type Recipe = readonly unknown[];

interface Kept {
  readonly packages: readonly LockedPackage[];
  /** Folders and files on this machine that packages come from, and what they depended on then. */
  readonly locals: readonly (readonly [place: string, fingerprint: string])[];
}

/** The packages of the same recipe, resolved before; `undefined`: there are none, or a folder among them has changed since. */
export async function findKeptLock(cache: FileCache, recipe: Recipe): Promise<readonly LockedPackage[] | undefined> {
  const key = keyOf(recipe);
  const file = await cache.find(KIND, key);
  if (file === undefined) return undefined;
  const kept = parse(await readFile(file, 'utf8').catch(() => ''));
  if (kept === undefined) {
    await cache.discard(KIND, key);
    return undefined;
  }
  const prints = await Promise.all(kept.locals.map(([place]) => fingerprint(place)));
  return prints.every((print, index) => print === kept.locals[index]?.[1]) ? kept.packages : undefined;
}

export async function keepLock(cache: FileCache, recipe: Recipe, packages: readonly LockedPackage[]): Promise<void> {
  const places = packages.map(localPlace).filter((place) => place !== undefined);
  const locals = await Promise.all(places.map(async (place) => [place, await fingerprint(place)] as const));
  const content = JSON.stringify({ packages, locals } satisfies Kept);
  await cache.keep(KIND, keyOf(recipe), `${sha256(content)}\n${content}\n`);
}

function keyOf(recipe: Recipe): string {
  return sha256(withoutCredentials(JSON.stringify([FORMAT, ...recipe])));
}

/** `undefined`: the file is damaged. */
function parse(text: string): Kept | undefined {
  const [digest = '', content = ''] = text.split('\n', 2);
  if (sha256(content) !== digest) return undefined;
  return JSON.parse(content) as Kept;
}

function localPlace({ artifact }: LockedPackage): string | undefined {
  if (artifact.kind === 'folder') return artifact.path;
  return artifact.kind !== 'git' && artifact.url.startsWith('file:') ? fileURLToPath(artifact.url) : undefined;
}

/** What the dependencies of a project are declared in; its code changes them seldom, and would make each edit a new lock. */
const DECLARES_DEPENDENCIES = /^(?:pyproject\.toml|setup\.py|setup\.cfg|.*\.(?:txt|in))$/;
const MAXIMUM_LISTED = 10_000;

/** What a folder or a file that packages come from may change in a lock. */
export async function fingerprint(place: string): Promise<string> {
  const stats = await stat(place).catch(() => undefined);
  if (stats === undefined) return 'missing';
  if (!stats.isDirectory()) return sha256(await readPlainFile(place).catch(() => `${stats.size} ${stats.mtimeMs}`));
  const names = (await readdir(place).catch(() => [])).sort().slice(0, MAXIMUM_LISTED);
  const files = names.filter((name) => DECLARES_DEPENDENCIES.test(name));
  const contents = await Promise.all(
    files.map(async (name) => sha256(await readPlainFile(path.join(place, name)).catch(() => ''))),
  );
  return sha256(JSON.stringify([files, contents]));
}

/** What a folder of wheels offers (`--find-links`). */
export async function listing(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort().slice(0, MAXIMUM_LISTED);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
