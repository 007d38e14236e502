import { matchEnds } from './shell-pattern.js';

/** The values of ARG and ENV at one point of a Dockerfile. */
export interface Variables {
  get(name: string): string | undefined;
}

/** `ENV A=$A$A`, a few lines of it, would fill the memory. */
const MAXIMUM_LENGTH = 32 * 1024;
const MAXIMUM_DEPTH = 20;

/**
 * Takes quotes and escapes off and replaces variables, as BuildKit does (frontend/dockerfile/shell/lex.go): `$NAME`,
 * `${NAME}`, and the modifiers `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
 * `undefined` when the text has no value that is known here: a variable comes from the base image or a --build-arg, a
 * required one is missing, or Docker would call it a syntax error.
 */
export function expand(text: string, variables: Variables, escape = '\\'): string | undefined {
  if (text.length > MAXIMUM_LENGTH) return undefined;
  try {
    return new Expansion(text, variables, escape).until(undefined, false, 0);
  } catch (error) {
    if (error === UNKNOWN) return undefined;
    throw error;
  }
}

/** Thrown from any depth; nobody but `expand` sees it. */
const UNKNOWN = new Error('not known');

class Expansion {
  #at = 0;
  #length = 0;

  constructor(
    private readonly text: string,
    private readonly variables: Variables,
    private readonly escape: string,
  ) {}

  until(stop: string | undefined, keepsEscapes: boolean, depth: number): string {
    if (depth > MAXIMUM_DEPTH) throw UNKNOWN;
    const pieces: string[] = [];
    while (this.#at < this.text.length) {
      const character = this.text[this.#at] ?? '';
      if (character === stop) {
        this.#at++;
        return pieces.join('');
      }
      if (character === "'") pieces.push(this.#singleQuoted());
      else if (character === '"') pieces.push(this.#doubleQuoted(keepsEscapes, depth));
      else if (character === '$') pieces.push(this.#dollar(depth));
      else if (character === this.escape) {
        pieces.push(keepsEscapes ? character : '', this.text[this.#at + 1] ?? '');
        this.#at += 2;
      } else {
        pieces.push(character);
        this.#at++;
      }
    }
    if (stop !== undefined) throw UNKNOWN;
    return pieces.join('');
  }

  #singleQuoted(): string {
    const end = this.text.indexOf("'", this.#at + 1);
    if (end < 0) throw UNKNOWN;
    const inside = this.text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return inside;
  }

  #doubleQuoted(keepsEscapes: boolean, depth: number): string {
    const pieces: string[] = [];
    this.#at++;
    for (;;) {
      const character = this.text[this.#at];
      if (character === undefined) throw UNKNOWN;
      if (character === '$') {
        pieces.push(this.#dollar(depth));
        continue;
      }
      this.#at++;
      if (character === '"') return pieces.join('');
      const next = this.text[this.#at] ?? '';
      if (character === this.escape && (next === '"' || next === '$' || next === this.escape)) {
        this.#at++;
        pieces.push(keepsEscapes ? character : '', next);
      } else pieces.push(character);
    }
  }

  #dollar(depth: number): string {
    this.#at++;
    if (this.text[this.#at] !== '{') {
      const name = this.#name();
      return name === '' ? '$' : this.#known(this.variables.get(name));
    }
    this.#at++;
    const name = this.#name();
    if (name === '') throw UNKNOWN;
    const value = this.variables.get(name);
    let modifier = this.text[this.#at++] ?? '';
    const colon = modifier === ':';
    if (colon) modifier = this.text[this.#at++] ?? '';
    const isUnset = value === undefined || (colon && value === '');
    switch (modifier) {
      case '}':
        if (colon) throw UNKNOWN;
        return this.#known(value);
      case '-':
        return this.#defaulted(isUnset, value, depth);
      case '+': {
        const word = this.#optional(depth);
        return isUnset ? '' : this.#known(word);
      }
      case '?':
        this.#optional(depth);
        return this.#known(isUnset ? undefined : value);
      case '#':
      case '%':
        if (colon) throw UNKNOWN;
        return trimmed(this.until('}', true, depth + 1), this.#known(value), modifier);
      case '/':
        if (colon) throw UNKNOWN;
        return this.#replaced(value, depth);
      default:
        throw UNKNOWN;
    }
  }

  #defaulted(isUnset: boolean, value: string | undefined, depth: number): string {
    const word = this.#optional(depth);
    return this.#known(isUnset ? word : value);
  }

  /** The word of a modifier, which need not be known when it is not used. */
  #optional(depth: number): string | undefined {
    const from = this.#at;
    try {
      return this.until('}', false, depth + 1);
    } catch (error) {
      if (error !== UNKNOWN) throw error;
      this.#at = closingBrace(this.text, from, this.escape) + 1;
      return undefined;
    }
  }

  #replaced(value: string | undefined, depth: number): string {
    const all = this.text[this.#at] === '/';
    if (all) this.#at++;
    const pattern = this.until('/', true, depth + 1);
    const replacement = this.until('}', true, depth + 1);
    return this.#known(replace(this.#known(value), pattern, replacement, all));
  }

  /** Letters, digits and underscores; a number or a special parameter such as `$@` ends by itself. */
  #name(): string {
    const special = /[@*#?$!0-]|\d+/y;
    special.lastIndex = this.#at;
    const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
    name.lastIndex = this.#at;
    const found = special.exec(this.text)?.[0] ?? name.exec(this.text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #known(value: string | undefined): string {
    if (value === undefined) throw UNKNOWN;
    this.#length += value.length;
    if (this.#length > MAXIMUM_LENGTH) throw UNKNOWN;
    return value;
  }
}

/** Where the word of a modifier ends, variables within it and quotes passed over. */
function closingBrace(text: string, from: number, escape: string): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === escape) at++;
    else if (text[at] === '$' && text[at + 1] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  throw UNKNOWN;
}

/** `${NAME#pattern}` and its three relatives: without the shortest, or the longest, beginning or end that matches. */
function trimmed(word: string, value: string, modifier: '#' | '%'): string {
  const isLongest = word.startsWith(modifier);
  const pattern = isLongest ? word.slice(1) : word;
  if (modifier === '#') {
    const ends = matchEnds(pattern, value, 0);
    if (ends === undefined) throw UNKNOWN;
    return ends.length === 0 ? value : value.slice(isLongest ? ends.at(-1) : ends[0]);
  }
  const starts: number[] = [];
  for (let start = 0; start <= value.length; start++) {
    const ends = matchEnds(pattern, value, start);
    if (ends === undefined) throw UNKNOWN;
    if (ends.includes(value.length)) starts.push(start);
  }
  return starts.length === 0 ? value : value.slice(0, isLongest ? starts[0] : starts.at(-1));
}

function replace(value: string, pattern: string, replacement: string, all: boolean): string | undefined {
  // BuildKit takes `$1` in a replacement for a group of its regular expression.
  if (all && replacement.includes('$')) return undefined;
  const pieces: string[] = [];
  let at = 0;
  let lastEnd = -1;
  while (at <= value.length) {
    const ends = matchEnds(pattern, value, at);
    if (ends === undefined) return undefined;
    const end = ends.at(-1);
    // Nothing is not replaced right behind what was replaced.
    if (end === undefined || (end === at && at === lastEnd)) {
      pieces.push(value[at] ?? '');
      at++;
      continue;
    }
    pieces.push(replacement);
    if (!all) return [...pieces, value.slice(end)].join('');
    if (end === at) pieces.push(value[at] ?? '');
    lastEnd = end;
    at = Math.max(end, at + 1);
  }
  return pieces.join('');
}

/** Words with their quotes and escapes as written; whitespace within quotes separates nothing. */
export function shellWords(text: string, escape = '\\'): string[] {
  const words: string[] = [];
  let from = -1;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote === undefined && /\s/.test(character)) {
      if (from >= 0) words.push(text.slice(from, at));
      from = -1;
      continue;
    }
    if (from < 0) from = at;
    if (character === escape && quote !== "'") at++;
    else if (quote !== undefined) quote = character === quote ? undefined : quote;
    else if (character === '"' || character === "'") quote = character;
  }
  if (from >= 0) words.push(text.slice(from));
  return words;
}
