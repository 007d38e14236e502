import { posix } from 'node:path';

/** Which file of the project stands at a path in the image, as far as COPY and ADD tell. */
export class CopiedFiles {
  readonly #rules: { readonly destination: string; readonly source: string }[];

  constructor(parent?: CopiedFiles) {
    this.#rules = parent === undefined ? [] : [...parent.#rules];
  }

  copy(sources: readonly string[], destination: string): void {
    for (const source of sources) {
      if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) continue;
      const clean = posix.normalize(source.replace(/^\/+/, '') || '.').replace(/\/$/, '');
      // Whether the source is a file or a folder is not known here, so both readings are kept.
      this.#rules.push({ destination, source: clean });
      this.#rules.push({ destination: posix.join(destination, posix.basename(clean)), source: clean });
    }
  }

  /** What another stage had at `path` is now at `destination`. */
  copyFrom(other: CopiedFiles, path: string, destination: string): void {
    for (const source of other.candidates(path)) this.#rules.push({ destination, source });
  }

  /** Files of the project that may stand at `path`, the latest copy first. */
  candidates(path: string): string[] {
    const found: string[] = [];
    for (const { destination, source } of this.#rules.toReversed()) {
      const rest = posix.relative(destination, path);
      if (rest.startsWith('..')) {
        const matched = matchWildcard(source, destination, path);
        if (matched !== undefined) found.push(matched);
      } else if (!/[*?]/.test(source)) {
        found.push(posix.join(source, rest));
      } else if (rest !== '' && !rest.includes('/')) {
        const matched = matchWildcard(source, destination, path);
        if (matched !== undefined) found.push(matched);
      }
    }
    return [...new Set(found)].filter((file) => file !== '..' && !file.startsWith('../'));
  }
}

/** `COPY requirements*.txt /tmp/`: /tmp/requirements-prod.txt is requirements-prod.txt. */
function matchWildcard(source: string, destination: string, path: string): string | undefined {
  if (
    !/[*?]/.test(posix.basename(source)) ||
    posix.dirname(path) !== posix.normalize(destination).replace(/(.)\/$/, '$1')
  )
    return undefined;
  return isMatch(posix.basename(path), posix.basename(source))
    ? posix.join(posix.dirname(source), posix.basename(path))
    : undefined;
}

/** Greedy with one step back per star: linear in practice, where a regular expression of `*a*a*a*` is not. */
function isMatch(name: string, pattern: string): boolean {
  let [at, in_] = [0, 0];
  let star = -1;
  let mark = 0;
  while (at < name.length) {
    if (in_ < pattern.length && (pattern[in_] === '?' || pattern[in_] === name[at])) {
      at++;
      in_++;
    } else if (pattern[in_] === '*') {
      star = in_++;
      mark = at;
    } else if (star >= 0) {
      in_ = star + 1;
      at = ++mark;
    } else return false;
  }
  return pattern.slice(in_).replaceAll('*', '') === '';
}
