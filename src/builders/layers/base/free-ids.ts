import { numberSetting } from './login-defaults.js';

type Settings = Readonly<Record<string, string>>;

/** A range of IDs: those from `start` on, so many. */
export interface IdRange {
  readonly start: number;
  readonly count: number;
}

/** Where a new range may be. */
export interface WantedRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
}

/**
 * The ID of a new group: after the highest one of those for ordinary groups, or where that is the last, the lowest free one
 * (groupadd(8), shadow-utils lib/find_new_gid.c). `undefined`: none is free.
 */
export function freeGroupId(taken: readonly number[], loginDefaults: Settings): number | undefined {
  const minimum = numberSetting(loginDefaults, 'GID_MIN') ?? 1000;
  const maximum = numberSetting(loginDefaults, 'GID_MAX') ?? 60_000;
  const used = new Set(taken.filter((id) => id >= minimum && id <= maximum));
  const next = used.size === 0 ? minimum : Math.max(...used) + 1;
  if (next <= maximum) return next;
  for (let id = minimum; id <= maximum; id += 1) if (!used.has(id)) return id;
  return undefined;
}

/** What etc/login.defs says of the subordinate IDs of a new user (subuid(5), subgid(5)). */
export function subordinateRange(loginDefaults: Settings, name: 'SUB_UID' | 'SUB_GID'): WantedRange {
  return {
    minimum: numberSetting(loginDefaults, `${name}_MIN`) ?? 100_000,
    maximum: numberSetting(loginDefaults, `${name}_MAX`) ?? 600_100_000,
    count: numberSetting(loginDefaults, `${name}_COUNT`) ?? 65_536,
  };
}

/** Where the first hole between taken ranges begins that is large enough (shadow-utils, lib/subordinateio.c, find_free_range). */
export function freeRange(taken: readonly IdRange[], { minimum, maximum, count }: WantedRange): number | undefined {
  let low = minimum;
  for (const { start, count: length } of taken.toSorted((one, other) => one.start - other.start)) {
    if (Math.min(start, maximum + 1) - low >= count) return low;
    low = Math.max(low, start + length);
  }
  return maximum + 1 - low >= count ? low : undefined;
}
