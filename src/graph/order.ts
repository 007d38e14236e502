/** Compares names by their UTF-16 code units: the same on each machine, whatever its locale. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The names in order, each once. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort(byName);
}

/**
 * An order in which everything comes after what it depends on, the same for any order of the input: by the length of
 * the longest way to it, then by name. What lies on a cycle, or behind one, comes last, by name.
 */
export function dependencyOrder(dependencies: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const missing = new Map([...dependencies].map(([name, needed]) => [name, needed.size]));
  const dependants = new Map<string, string[]>([...dependencies.keys()].map((name) => [name, []]));
  for (const [name, needed] of dependencies) for (const other of needed) dependants.get(other)?.push(name);

  const order: string[] = [];
  let ready = [...missing].filter(([, count]) => count === 0).map(([name]) => name);
  while (ready.length > 0) {
    ready.sort(byName);
    order.push(...ready);
    const next: string[] = [];
    for (const name of ready) {
      for (const dependant of dependants.get(name) ?? []) {
        const left = (missing.get(dependant) ?? 0) - 1;
        missing.set(dependant, left);
        if (left === 0) next.push(dependant);
      }
    }
    ready = next;
  }
  const ordered = new Set(order);
  return [...order, ...[...dependencies.keys()].filter((name) => !ordered.has(name)).sort(byName)];
}
