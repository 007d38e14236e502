import type { Group } from '../grouping/grouping.js';

/** Which group is over when another one starts. */
export class GroupOrder {
  readonly #indexes: ReadonlyMap<string, number>;
  /** For each group a bit for each other that it waits for, over others as well. */
  readonly #earlier: readonly Uint32Array[];

  /** The groups in an order in which they could run. */
  constructor(groups: readonly Group[]) {
    this.#indexes = new Map(groups.map((group, index) => [group.name, index]));
    const earlier: Uint32Array[] = [];
    for (const group of groups) {
      const bits = new Uint32Array(Math.ceil(groups.length / 32));
      for (const name of group.dependsOn) {
        const index = this.#indexes.get(name) ?? 0;
        bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31));
        earlier[index]?.forEach((word, at) => (bits[at] = (bits[at] ?? 0) | word));
      }
      earlier.push(bits);
    }
    this.#earlier = earlier;
  }

  /** Whether the first is over before the second starts. */
  isBefore(first: string, second: string): boolean {
    const [index, later] = [this.#indexes.get(first), this.#indexes.get(second)];
    if (index === undefined || later === undefined) return false;
    return (((this.#earlier[later]?.[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
  }

  mayRunAtOnce(one: string, other: string): boolean {
    return one !== other && !this.isBefore(one, other) && !this.isBefore(other, one);
  }

  /** Each group with those, later in the order, that may run while it runs; only where there are any. */
  concurrent(): readonly (readonly [group: string, others: readonly string[]])[] {
    const names = [...this.#indexes.keys()];
    return names.flatMap((name, index) => {
      const others = names.slice(index + 1).filter((other) => this.mayRunAtOnce(name, other));
      return others.length === 0 ? [] : [[name, others] as const];
    });
  }
}
