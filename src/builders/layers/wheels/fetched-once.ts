import type { LockedPackage } from '../resolve/locked-package.js';
import type { Wheel } from './wheel.js';

/** Brings the wheels of packages to this machine, by their names. */
export type FetchWheels = (packages: readonly LockedPackage[]) => Promise<ReadonlyMap<string, Wheel>>;

/** Several ask at the same time: who packs layers, and who makes an environment to test them in. */
export function fetchedOnce(fetch: FetchWheels): FetchWheels {
  const fetches = new Map<string, ReturnType<FetchWheels>>();
  return async (packages) => {
    const missing = packages.filter(({ name }) => !fetches.has(name));
    if (missing.length > 0) {
      const fetching = fetch(missing);
      for (const { name } of missing) fetches.set(name, fetching);
    }
    const found = await Promise.all(packages.map(async ({ name }) => (await fetches.get(name))?.get(name)));
    return new Map(found.filter((wheel) => wheel !== undefined).map((wheel) => [wheel.name, wheel]));
  };
}
