/** Which names belong together, as more and more of them are joined (union-find). */
export class DisjointSets {
  readonly #parents = new Map<string, string>();

  constructor(names: Iterable<string>) {
    for (const name of names) this.#parents.set(name, name);
  }

  join(a: string, b: string): void {
    this.#parents.set(this.rootOf(a), this.rootOf(b));
  }

  /** The same for all names that belong together, until more are joined. */
  rootOf(name: string): string {
    let root = name;
    for (let parent = this.#parents.get(root); parent !== undefined && parent !== root;) {
      root = parent;
      parent = this.#parents.get(root);
    }
    // The next way is short.
    for (let current = name; current !== root;) {
      const parent = this.#parents.get(current) ?? root;
      this.#parents.set(current, root);
      current = parent;
    }
    return root;
  }
}
