import type { Contest } from './omissions.js';

/** More paths than these say no more; two wheels can have hundreds. */
const PATHS = 3;

/** A sentence for those of which the same wheels are the losers and the winner. */
export function contestNotes(contests: readonly Contest[]): string[] {
  const groups = new Map<string, Contest[]>();
  for (const contest of contests) {
    const key = JSON.stringify([contest.winner ?? null, contest.losers]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [contest]);
    else group.push(contest);
  }
  return [...groups.values()].map(note);
}

function note(contests: readonly Contest[]): string {
  const paths = contests.slice(0, PATHS).map(({ path }) => `/${path}`);
  const rest = contests.length - paths.length;
  const [winner, losers] = [contests[0]?.winner, contests[0]?.losers ?? []];
  const what = `${paths.join(', ')}${rest === 0 ? '' : ` and ${rest} more`} ${contests.length === 1 ? 'is' : 'are'}`;
  const [owners, used] =
    winner === undefined ? [[...losers, 'in another package'], 'the other package'] : [[...losers, winner], winner];
  return `${what} in ${owners.join(' and ')}, with different content; that of ${used} is used`;
}
