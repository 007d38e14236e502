import { posix } from 'node:path';

/** One line of a .dockerignore. */
export interface IgnorePattern {
  /** `!README.md` brings back what an earlier line left out. */
  readonly isException: boolean;
  /** Whether a path of the project, or one of the folders that it lies in, is meant. */
  matches(path: string): boolean;
  /** Whether something below the folder, or the folder itself, may be meant. */
  mayMatchBelow(folder: string): boolean;
}

/** Counts the work of matching; `spend` throws when it becomes too much. */
export interface Effort {
  spend(steps: number): void;
}

/**
 * Reads a line as Docker does (moby/patternmatcher, ignorefile.go and patternmatcher.go); `undefined` for a comment, an
 * empty line, and a pattern that Docker refuses. Docker makes regular expressions of them, which Go matches in linear
 * time. JavaScript's would take for ever on `**`+`/a/**`+`/b/**`, so here the pattern is walked through instead.
 */
export function parsePattern(line: string, effort: Effort = { spend: () => undefined }): IgnorePattern | undefined {
  if (line.startsWith('#')) return undefined;
  const trimmed = line.trim();
  const isMarked = trimmed.startsWith('!');
  const written = isMarked ? trimmed.slice(1).trim() : trimmed;
  if (written === '') return undefined;
  // Cleaned a second time behind the slash that it may begin with, where the mark of an exception counts as well.
  const rooted = cleaned(written).replace(/^\/(?=.)/, '');
  const isException = isMarked || rooted.trim().startsWith('!');
  const pattern = isMarked ? cleaned(`!${rooted}`.trim()).slice(1) : cleaned(rooted.trim()).replace(/^!/, '');
  const tokens = pattern === '' ? undefined : tokensOf(pattern);
  if (tokens === undefined) return undefined;

  const literal = literalPrefix(tokens);
  const isLiteral = literal.length === tokens.length;
  const needed = longestLiteral(tokens);
  return {
    isException,
    matches: (path) =>
      isLiteral
        ? path === literal || (path.startsWith(literal) && path[literal.length] === '/')
        : path.startsWith(literal) && path.includes(needed) && matchesPathOrParent(tokens, path, effort),
    mayMatchBelow: (folder) => {
      const below = `${folder}/`;
      return isLiteral
        ? `${literal}/`.startsWith(below) || below.startsWith(`${literal}/`)
        : literal.startsWith(below) || below.startsWith(literal);
    },
  };
}

function cleaned(pattern: string): string {
  return pattern === '' ? '' : posix.normalize(pattern).replace(/(.)\/$/, '$1');
}

type Token =
  | { readonly kind: 'literal'; readonly character: string }
  /** `?` */
  | { readonly kind: 'any' }
  /** `*` */
  | { readonly kind: 'star' }
  /** `**` at the end: everything; elsewhere: nothing, or whatever ends in a slash. */
  | { readonly kind: 'everything' | 'folders' }
  | { readonly kind: 'class'; readonly has: (character: string) => boolean };

function tokensOf(pattern: string): Token[] | undefined {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  // `**.pyc` means every name that ends so, where `a**.pyc` and `**.py?` mean files of that name in any folder.
  const isSuffix = /^\*\*[^/*?[\]\\][^*?[\]\\]*$/.test(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*' && characters[at + 1] === '*') {
      at++;
      if (characters[at + 1] === '/') at++;
      tokens.push({ kind: at + 1 >= characters.length || isSuffix ? 'everything' : 'folders' });
    } else if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '\\') {
      const next = characters[++at];
      // Docker refuses a pattern that ends so.
      if (next === undefined) return undefined;
      tokens.push({ kind: 'literal', character: next });
    } else if (character === '[') {
      const read = characterClass(characters, at);
      if (read === undefined) return undefined;
      tokens.push({ kind: 'class', has: read.has });
      at = read.end;
    } else tokens.push({ kind: 'literal', character });
  }
  return tokens;
}

/** `[a-z]`, `[^a]`, from the bracket at `from`; `undefined` when it is not one. */
function characterClass(
  characters: readonly string[],
  from: number,
): { has: (character: string) => boolean; end: number } | undefined {
  let at = from + 1;
  const isNegated = characters[at] === '^';
  if (isNegated) at++;
  const ranges: [low: string, high: string][] = [];
  while (characters[at] !== ']' || ranges.length === 0) {
    const low = member(characters, at);
    if (low === undefined) return undefined;
    at = low.next;
    if (characters[at] === '-' && characters[at + 1] !== ']') {
      const high = member(characters, at + 1);
      if (high === undefined || high.character < low.character) return undefined;
      ranges.push([low.character, high.character]);
      at = high.next;
    } else ranges.push([low.character, low.character]);
  }
  return {
    has: (character) => ranges.some(([low, high]) => low <= character && character <= high) !== isNegated,
    end: at,
  };
}

function member(characters: readonly string[], at: number): { character: string; next: number } | undefined {
  const isEscaped = characters[at] === '\\';
  const character = characters[isEscaped ? at + 1 : at];
  if (character === undefined || (!isEscaped && (character === '-' || character === ']'))) return undefined;
  return { character, next: at + (isEscaped ? 2 : 1) };
}

function literalPrefix(tokens: readonly Token[]): string {
  const end = tokens.findIndex(({ kind }) => kind !== 'literal');
  const prefix = end < 0 ? tokens : tokens.slice(0, end);
  return prefix.map((token) => (token.kind === 'literal' ? token.character : '')).join('');
}

/** What a path must contain: most patterns are told from most paths by it. */
function longestLiteral(tokens: readonly Token[]): string {
  const runs = tokens.map((token) => (token.kind === 'literal' ? token.character : '\0')).join('');
  return runs.split('\0').reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

/** Follows all ways through the pattern side by side; a folder that matches takes along what is in it. */
function matchesPathOrParent(tokens: readonly Token[], path: string, effort: Effort): boolean {
  let states = new States(tokens);
  let next = new States(tokens);
  states.add(0);
  for (const character of path) {
    if (character === '/' && states.has(tokens.length)) return true;
    next.clear();
    effort.spend(states.count);
    for (let index = 0; index < states.count; index++) step(states.at(index), character, tokens, next);
    if (next.count === 0) return false;
    [states, next] = [next, states];
  }
  return states.has(tokens.length);
}

/**
 * States below the number of tokens come before a token; those above it within the `**` of the token whose number is
 * left when the number of tokens and one are taken off.
 */
function step(state: number, character: string, tokens: readonly Token[], next: States): void {
  const within = state - tokens.length - 1;
  if (within >= 0) {
    next.addAlone(state);
    if (character === '/') next.add(within + 1);
    return;
  }
  const token = tokens[state];
  switch (token?.kind) {
    case undefined:
      return;
    case 'literal':
      if (token.character === character) next.add(state + 1);
      return;
    case 'class':
      if (token.has(character)) next.add(state + 1);
      return;
    case 'any':
      if (character !== '/') next.add(state + 1);
      return;
    case 'star':
      if (character !== '/') next.add(state);
      return;
    case 'everything':
      next.add(state);
      return;
    case 'folders':
      if (character === '/') next.add(state + 1);
      next.addAlone(tokens.length + 1 + state);
  }
}

/** A set of states that is emptied without touching them. */
class States {
  count = 0;
  readonly #tokens: readonly Token[];
  readonly #members: Uint32Array;
  readonly #marks: Uint32Array;
  #generation = 1;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#members = new Uint32Array(2 * tokens.length + 2);
    this.#marks = new Uint32Array(2 * tokens.length + 2);
  }

  at(index: number): number {
    return this.#members[index] ?? 0;
  }

  has(state: number): boolean {
    return this.#marks[state] === this.#generation;
  }

  clear(): void {
    this.count = 0;
    this.#generation++;
  }

  addAlone(state: number): void {
    if (this.has(state)) return;
    this.#marks[state] = this.#generation;
    this.#members[this.count++] = state;
  }

  /** Also the states that are reached without a character: `*` and `**` may match nothing. */
  add(from: number): void {
    for (let state = from; !this.has(state); state++) {
      this.addAlone(state);
      const kind = this.#tokens[state]?.kind;
      if (kind !== 'star' && kind !== 'folders' && kind !== 'everything') return;
    }
  }
}
