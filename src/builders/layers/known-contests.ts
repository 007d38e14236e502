import { createHash } from 'node:crypto';
import type { FileCache } from '../../cache/file-cache.js';
import { readPlainFile } from '../../plain-file.js';
import type { EarlierLayers } from './earlier-layers.js';
import type { RecipeWheel } from './layer-recipe.js';
import type { ComparedWheel, Contest } from './omissions.js';

const CONTESTS = 'contests';

function contestsKey(wheels: readonly ComparedWheel[]): string {
  const facts = wheels.map(({ name, sha256, roots }) => [name, sha256, roots]);
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

export interface ContestRecords {
  readonly cache: FileCache;
  readonly earlier: () => Promise<EarlierLayers>;
}

/** From the cache; or from the image that the layers come from, where these very wheels were compared with each other. */
export async function knownContests(
  group: readonly ComparedWheel[],
  { cache, earlier: readEarlier }: ContestRecords,
): Promise<readonly Contest[] | undefined> {
  const file = await cache.find(CONTESTS, contestsKey(group));
  const kept = file === undefined ? undefined : await contestsIn(file);
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
  return isWhole ? contestsOf(recorded) : undefined;
}

export async function rememberContests(
  group: readonly ComparedWheel[],
  found: readonly Contest[],
  { cache }: Pick<ContestRecords, 'cache'>,
): Promise<void> {
  const entries = found.map(({ path, winner, losers }) => [path, winner, losers]);
  await cache.keep(CONTESTS, contestsKey(group), JSON.stringify(entries));
}

/** `undefined` for what is damaged, or gone since somebody pruned the cache: it is found out again. */
async function contestsIn(file: string): Promise<Contest[] | undefined> {
  let value: unknown;
  try {
    value = JSON.parse((await readPlainFile(file)).toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const contests = (value as readonly unknown[]).map(contest);
  return contests.every((each) => each !== undefined) ? contests : undefined;
}

function contest(entry: unknown): Contest | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [path, winner, losers] = entry as readonly unknown[];
  if (typeof path !== 'string' || typeof winner !== 'string' || !Array.isArray(losers)) return undefined;
  const areNames = losers.every((loser) => typeof loser === 'string');
  return areNames && losers.length > 0 ? { path, winner, losers } : undefined;
}

/** An image says only who lost. Who won is known where a single one of the others can have that path. */
function contestsOf(wheels: readonly RecipeWheel[]): Contest[] {
  const paths = new Set(wheels.flatMap(({ omitted }) => omitted));
  return [...paths].sort().map((path) => {
    const losers = wheels.filter(({ omitted }) => omitted.includes(path)).map(({ name }) => name);
    const [winner, another] = wheels.filter(({ name, roots }) => !losers.includes(name) && touches(path, roots));
    return { path, winner: another === undefined ? winner?.name : undefined, losers };
  });
}

function touches(root: string, roots: readonly string[]): boolean {
  return roots.some((other) => `${other}/`.startsWith(`${root}/`) || `${root}/`.startsWith(`${other}/`));
}
