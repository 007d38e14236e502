/** Where things are in a TOML file: parsers keep no positions. Lines count from 0. */
export class TomlPlaces {
  /** By the names of their headers: the first of each. */
  readonly #tables = new Map<string, { readonly line: number; readonly keys: Map<string, number> }>();
  /** By what stands between two quotes, in order. */
  readonly #quoted = new Map<string, number[]>();

  constructor(text: string) {
    let keys: Map<string, number> | undefined;
    for (const [line, each] of text.split('\n').entries()) {
      const [, brackets, names] = /^\s*(\[\[?)([^[\]]*)\]{1,2}\s*(?:#.*)?$/.exec(each) ?? [];
      if (names !== undefined) {
        keys = new Map();
        const name = joined(names);
        if (brackets === '[' && !this.#tables.has(name)) this.#tables.set(name, { line, keys });
      } else {
        const key = joined(/^\s*([\w."'-]{1,200})\s*=/.exec(each)?.[1] ?? '').split('\0')[0] ?? '';
        if (keys?.has(key) === false) keys.set(key, line);
      }
      for (const quote of ['"', "'"])
        for (const between of each.split(quote).slice(1, -1)) {
          const lines = this.#quoted.get(between) ?? [];
          if (lines.at(-1) !== line) lines.push(line);
          this.#quoted.set(between, lines);
        }
    }
  }

  /** The header of the longest table that the path begins with, or the next key below it. */
  lineOfKey(path: readonly string[]): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const table = this.#tables.get(path.slice(0, length).join('\0'));
      if (table !== undefined) return table.keys.get(path[length] ?? '') ?? table.line;
    }
    return undefined;
  }

  /** The line of a text in quotes, from a line on, else from the start. */
  lineOfText(text: string, from: number): number | undefined {
    // Of a text with quotes in it, its longest part between them.
    const parts = [text, JSON.stringify(text).slice(1, -1)].flatMap((each) => [each, ...each.split(/["']/)]);
    for (const part of parts) {
      const lines = part === '' ? undefined : this.#quoted.get(part);
      if (lines !== undefined) return firstFrom(lines, from) ?? lines[0];
    }
    return undefined;
  }
}

function joined(dotted: string): string {
  return dotted
    .split('.')
    .map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .join('\0');
}

function firstFrom(sorted: readonly number[], from: number): number | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
