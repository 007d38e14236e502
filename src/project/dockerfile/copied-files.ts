import { posix } from 'node:path';
import type { InstallStep } from './install.js';
import { copiedBy } from './project-copies.js';

/** What may be at a path in the image. */
export type CopySource =
  /** A file or folder of the project. */
  | { readonly kind: 'project'; readonly path: string }
  /** A file that the Dockerfile itself contains, or that a command made of what would be installed. */
  | { readonly kind: 'made'; readonly of: readonly InstallStep[]; readonly folder: string };

interface CopyRule {
  readonly destination: string;
  readonly origin: CopySource;
}

/** How many rules are looked through; a Dockerfile with more copies than this is not written by anybody. */
const MAXIMUM_RULES = 2000;

/** Which file of the project is at a path in the image, as far as COPY and ADD show. */
export class CopiedFiles {
  readonly #rules: CopyRule[] = [];
  readonly #parent: CopiedFiles | undefined;
  readonly #parentRules: number;

  /** What is copied into the parent later is not seen here, as in an image that was built from another. */
  constructor(parent?: CopiedFiles) {
    this.#parent = parent;
    this.#parentRules = parent === undefined ? 0 : parent.#rules.length;
  }

  copy(sources: readonly string[], destination: string, keepsParents = false): void {
    for (const source of sources) {
      if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) continue;
      if (keepsParents) {
        // `COPY --parents a/./b/c /x/` gives /x/b/c: what comes before the dot is left out.
        const [before = '', below] = source.split('/./');
        const kept = below ?? before;
        this.#add(posix.join(destination, clean(kept)), clean(source));
        continue;
      }
      // Whether the source is a file or a folder is not known here, so both readings are kept.
      this.#add(destination, clean(source));
      this.#add(posix.join(destination, posix.basename(clean(source))), clean(source));
    }
  }

  /** A file that is made at `path`: by a here-document, or by a command that exports what it would install. */
  make(path: string, of: readonly InstallStep[], folder: string): void {
    this.#rules.push({ destination: path, origin: { kind: 'made', of, folder } });
  }

  /** What another stage had at `path` is now at `destination`. */
  copyFrom(other: CopiedFiles, path: string, destination: string): void {
    const below = [...other.#latestFirst()].flatMap(({ destination: at, origin }): CopyRule[] => {
      const rest = posix.relative(path, at);
      return rest === '' || rest.startsWith('..') ? [] : [{ destination: rest, origin }];
    });
    // Those that count most come last.
    const copied = [
      ...other.origins(path).map((origin): CopyRule => ({ destination: '', origin })),
      ...below,
    ].toReversed();
    for (const to of [destination, posix.join(destination, posix.basename(path))]) {
      if (this.#rules.length > MAXIMUM_RULES) return;
      this.#rules.push(...copied.map((rule) => ({ ...rule, destination: posix.join(to, rule.destination) })));
    }
  }

  /** Whether a file of the project may be anywhere in the image. */
  holds(path: string): boolean {
    for (const { origin } of this.#latestFirst())
      if (origin.kind === 'project' && copiedBy([{ sources: [origin.path] }])(path)) return true;
    return false;
  }

  /** Files of the project that may be at `path`, the latest copy first. */
  candidates(path: string): string[] {
    return this.origins(path).flatMap((origin) => (origin.kind === 'project' ? [origin.path] : []));
  }

  /** Everything that may be at `path`, the latest first. */
  origins(path: string): CopySource[] {
    const found: CopySource[] = [];
    const seen = new Set<string>();
    for (const { destination, origin } of this.#latestFirst()) {
      if (origin.kind === 'made') {
        if (destination === path) found.push(origin);
        continue;
      }
      const file = fileAt(path, destination, origin.path);
      if (file === undefined || file === '..' || file.startsWith('../') || seen.has(file)) continue;
      seen.add(file);
      found.push({ kind: 'project', path: file });
    }
    return found;
  }

  #inherited(): { readonly parent: CopiedFiles | undefined; readonly parentRules: number } {
    return { parent: this.#parent, parentRules: this.#parentRules };
  }

  #add(destination: string, path: string): void {
    this.#rules.push({ destination, origin: { kind: 'project', path } });
  }

  *#latestFirst(): Generator<CopyRule> {
    let count = 0;
    let rules: readonly CopyRule[] = this.#rules;
    let limit = rules.length;
    for (let { parent, parentRules } = this.#inherited(); ; { parent, parentRules } = parent.#inherited()) {
      for (let index = limit - 1; index >= 0; index--) {
        const rule = rules[index];
        if (rule === undefined || ++count > MAXIMUM_RULES) return;
        yield rule;
      }
      if (parent === undefined) return;
      rules = parent.#rules;
      limit = parentRules;
    }
  }
}

function clean(source: string): string {
  return posix.normalize(source.replace(/^\/+/, '') || '.').replace(/\/$/, '');
}

function fileAt(path: string, destination: string, source: string): string | undefined {
  const rest = posix.relative(destination, path);
  if (rest.startsWith('..')) return matchWildcard(source, destination, path);
  if (!/[*?]/.test(source)) return posix.join(source, rest);
  return rest !== '' && !rest.includes('/') ? matchWildcard(source, destination, path) : undefined;
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
