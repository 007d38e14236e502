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

/**
 * Reads a line as Docker does (moby/patternmatcher, ignorefile.go and patternmatcher.go); `undefined` for a comment, an
 * empty line, and a pattern that Docker refuses. Docker makes regular expressions of them, which Go matches in linear
 * time. JavaScript's would take for ever on `**`+`/a/**`+`/b/**`, so here the pattern is walked through instead.
 */
export function parsePattern(line: string): IgnorePattern | undefined {
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
  return {
    isException,
    matches: (path) =>
      isLiteral
        ? path === literal || (path.startsWith(literal) && path[literal.length] === '/')
        : path.startsWith(literal) && matchesPathOrParent(tokens, path),
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

/** Follows all ways through the pattern side by side; a folder that matches takes along what is in it. */
function matchesPathOrParent(tokens: readonly Token[], path: string): boolean {
  let states = new Set<number>();
  addState(states, 0, tokens);
  for (const character of path) {
    if (character === '/' && states.has(tokens.length)) return true;
    const next = new Set<number>();
    for (const state of states) step(state, character, tokens, next);
    if (next.size === 0) return false;
    states = next;
  }
  return states.has(tokens.length);
}

/**
 * States below the number of tokens come before a token; those above it within the `**` of the token whose number is
 * left when the number of tokens and one are taken off.
 */
function step(state: number, character: string, tokens: readonly Token[], next: Set<number>): void {
  const within = state - tokens.length - 1;
  if (within >= 0) {
    next.add(state);
    if (character === '/') addState(next, within + 1, tokens);
    return;
  }
  const token = tokens[state];
  switch (token?.kind) {
    case undefined:
      return;
    case 'literal':
      if (token.character === character) addState(next, state + 1, tokens);
      return;
    case 'class':
      if (token.has(character)) addState(next, state + 1, tokens);
      return;
    case 'any':
      if (character !== '/') addState(next, state + 1, tokens);
      return;
    case 'star':
      if (character !== '/') addState(next, state, tokens);
      return;
    case 'everything':
      addState(next, state, tokens);
      return;
    case 'folders':
      if (character === '/') addState(next, state + 1, tokens);
      next.add(tokens.length + 1 + state);
  }
}

/** Also the states that are reached without a character: `*` and `**` may match nothing. */
function addState(states: Set<number>, from: number, tokens: readonly Token[]): void {
  for (let state = from; !states.has(state); state++) {
    states.add(state);
    const kind = tokens[state]?.kind;
    if (kind !== 'star' && kind !== 'folders' && kind !== 'everything') return;
  }
}
