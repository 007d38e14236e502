import { byName, dependencyOrder } from '../order.js';

type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/** Sets of names that all wait for each other, each sorted. */
export function cycles(dependencies: Dependencies): readonly (readonly string[])[] {
  const waiting = namesBehindCycles(dependencies);
  const needs = new Map(waiting.map((name) => [name, everythingBelow(name, dependencies)]));
  const found: string[][] = [];
  const seen = new Set<string>();
  for (const name of waiting) {
    if (seen.has(name) || needs.get(name)?.has(name) !== true) continue;
    const cycle = waiting.filter(
      (other) => needs.get(name)?.has(other) === true && needs.get(other)?.has(name) === true,
    );
    for (const other of cycle) seen.add(other);
    found.push(cycle.toSorted(byName));
  }
  return found;
}

/** The shortest way from a name over others back to it, in the direction of the data: `x`, `mid`, `x`. */
export function shortestCycle(start: string, dependencies: Dependencies): readonly string[] {
  const next = new Map<string, string>();
  for (let level = [start]; level.length > 0;) {
    const further: string[] = [];
    for (const name of level)
      for (const needed of [...(dependencies.get(name) ?? [])].sort(byName)) {
        if (needed === start) return [start, ...wayBack(name, next)];
        if (next.has(needed)) continue;
        next.set(needed, name);
        further.push(needed);
      }
    level = further;
  }
  return [start];
}

function wayBack(from: string, next: ReadonlyMap<string, string>): readonly string[] {
  const way: string[] = [];
  for (let name: string | undefined = from; name !== undefined; name = next.get(name)) way.push(name);
  return way;
}

function namesBehindCycles(dependencies: Dependencies): readonly string[] {
  const done = new Set<string>();
  for (const name of dependencyOrder(dependencies)) {
    if (![...(dependencies.get(name) ?? [])].every((needed) => done.has(needed))) break;
    done.add(name);
  }
  return [...dependencies.keys()].filter((name) => !done.has(name)).sort(byName);
}

function everythingBelow(start: string, dependencies: Dependencies): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [...(dependencies.get(start) ?? [])];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    left.push(...(dependencies.get(name) ?? []));
  }
  return found;
}
