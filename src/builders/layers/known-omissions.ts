import { createHash } from 'node:crypto';
import type { FileCache } from '../../cache/file-cache.js';
import { readPlainFile } from '../../plain-file.js';
import type { EarlierLayers } from './earlier-layers.js';
import type { ComparedWheel, Omissions } from './omissions.js';

const OMISSIONS = 'omissions';

function omissionsKey(wheels: readonly ComparedWheel[]): string {
  const facts = wheels.map(({ name, sha256, roots }) => [name, sha256, roots]);
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

export interface OmissionRecords {
  readonly cache: FileCache;
  readonly earlier: () => Promise<EarlierLayers>;
}

/** From the cache; or from the image that the layers come from, where these very wheels were compared with each other. */
export async function knownOmissions(
  group: readonly ComparedWheel[],
  { cache, earlier: readEarlier }: OmissionRecords,
): Promise<Omissions | undefined> {
  const file = await cache.find(OMISSIONS, omissionsKey(group));
  const kept = file === undefined ? undefined : await omissionsIn(file);
  if (kept !== undefined) return kept;
  const earlier = await readEarlier();
  const recorded = group.map(({ sha256 }) => earlier.wheels.get(sha256));
  if (!recorded.every((wheel) => wheel !== undefined)) return undefined;
  // One that was left out since may have been the winner.
  const hashes = new Set(group.map(({ sha256 }) => sha256));
  const isWhole = [...earlier.wheels.values()].every(
    ({ sha256, roots }) =>
      hashes.has(sha256) || !recorded.some((wheel) => wheel.roots.some((root) => touches(root, roots))),
  );
  if (!isWhole) return undefined;
  return Object.fromEntries(
    recorded.filter(({ omitted }) => omitted.length > 0).map(({ name, omitted }) => [name, omitted]),
  );
}

export async function rememberOmissions(
  group: readonly ComparedWheel[],
  found: Omissions,
  { cache }: Pick<OmissionRecords, 'cache'>,
): Promise<void> {
  await cache.keep(OMISSIONS, omissionsKey(group), JSON.stringify(found));
}

/** `undefined` for what is damaged, or gone since somebody pruned the cache: it is found out again. */
async function omissionsIn(file: string): Promise<Omissions | undefined> {
  let value: unknown;
  try {
    value = JSON.parse((await readPlainFile(file)).toString('utf8'));
  } catch {
    return undefined;
  }
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isWhole =
    isPlain &&
    Object.values(value as object).every(
      (paths: unknown) => Array.isArray(paths) && paths.every((path) => typeof path === 'string'),
    );
  return isWhole ? (value as Omissions) : undefined;
}

function touches(root: string, roots: readonly string[]): boolean {
  return roots.some((other) => `${other}/`.startsWith(`${root}/`) || `${root}/`.startsWith(`${other}/`));
}
