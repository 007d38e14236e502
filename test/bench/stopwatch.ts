import { performance } from 'node:perf_hooks';

/** One way of doing something. */
export interface Contender {
  /** Not measured: what has to be so before each round. */
  readonly prepare?: (round: number) => Promise<unknown>;
  readonly work: (round: number) => Promise<unknown>;
  /**
   * How often it is measured, where that is not in each round: for what takes a minute, or starts with nothing. There is no round
   * before for it, since it has no caches to fill.
   */
  readonly times?: number;
}

/**
 * The median time of each contender in milliseconds. They take turns, so that what else the machine does hits all of them, and the
 * first round, which fills caches, is not counted.
 */
export async function medianTimes<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const { prepare, work, times: limit } = contenders[name];
      if (limit !== undefined && (round === 0 || round > limit)) continue;
      await prepare?.(round);
      const begin = performance.now();
      await work(round);
      if (round > 0) times[name].push(performance.now() - begin);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
