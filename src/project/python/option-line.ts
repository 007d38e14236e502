import { strip } from './logical-lines.js';

/** What is on a line of a requirements file: a requirement, or options, of which only some lead to packages. */
export type RequirementsLine =
  | { readonly kind: 'requirement'; readonly text: string }
  | { readonly kind: 'editable'; readonly text: string }
  | { readonly kind: 'include'; readonly file: string; readonly isConstraint: boolean }
  /** Where packages come from, and how they are built. */
  | { readonly kind: 'setting' }
  | { readonly kind: 'invalid'; readonly reason: string };

type Takes = 'nothing' | 'value' | 'hash' | 'key=value';

/** Every option that a pip between 22 and 26 knows in a requirements file (pip/_internal/req/req_file.py). */
const LONG_OPTIONS: Readonly<Record<string, Takes>> = {
  '--index-url': 'value',
  '--pypi-url': 'value',
  '--extra-index-url': 'value',
  '--no-index': 'nothing',
  '--constraint': 'value',
  '--requirement': 'value',
  '--editable': 'value',
  '--find-links': 'value',
  '--no-binary': 'value',
  '--only-binary': 'value',
  '--prefer-binary': 'nothing',
  '--require-hashes': 'nothing',
  '--no-require-hashes': 'nothing',
  '--pre': 'nothing',
  '--all-releases': 'value',
  '--only-final': 'value',
  '--trusted-host': 'value',
  '--use-feature': 'value',
  '--global-option': 'value',
  '--hash': 'hash',
  '--config-settings': 'key=value',
};

const SHORT_OPTIONS: Readonly<Record<string, string>> = {
  i: '--index-url',
  c: '--constraint',
  r: '--requirement',
  e: '--editable',
  f: '--find-links',
  C: '--config-settings',
};

/**
 * Takes a line apart as pip does: what comes before the first word with a hyphen is the requirement, the rest is split
 * like a shell's words and read by optparse, which knows shortened names (`--req`).
 */
export function readLine(line: string): RequirementsLine {
  const read = splitLine(line);
  if (typeof read === 'string') return { kind: 'invalid', reason: read };
  const { requirement, options } = read;
  if (requirement !== '') return { kind: 'requirement', text: requirement };

  const [editable] = options.get('--editable') ?? [];
  if (editable !== undefined) return { kind: 'editable', text: editable };
  const [included] = options.get('--requirement') ?? [];
  if (included !== undefined) return { kind: 'include', file: included, isConstraint: false };
  const [constraints] = options.get('--constraint') ?? [];
  if (constraints !== undefined) return { kind: 'include', file: constraints, isConstraint: true };
  return { kind: 'setting' };
}

/** A line's requirement, empty where it has none, and the values of each of its options; or what is wrong. */
export interface SplitLine {
  readonly requirement: string;
  /** By their long names; an option that takes no value has an empty one. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

export function splitLine(line: string): SplitLine | string {
  const start = line.startsWith('-') ? 0 : line.indexOf(' -') + 1;
  const hasOptions = start > 0 || line.startsWith('-');
  const options = hasOptions ? readOptions(line.slice(start)) : new Map<string, string[]>();
  return typeof options === 'string'
    ? options
    : { requirement: strip(hasOptions ? line.slice(0, start) : line), options };
}

function readOptions(text: string): Map<string, string[]> | string {
  const words = shellWords(text);
  if (words === undefined) return 'a quote is not closed';
  const found = new Map<string, string[]>();
  const add = (option: string, value: string): void => {
    if (found.get(option)?.push(value) === undefined) found.set(option, [value]);
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') break;
    // pip passes over words that belong to no option.
    if (!word.startsWith('-') || word === '-') continue;
    const [option, attached] = word.startsWith('--')
      ? splitLong(word)
      : [SHORT_OPTIONS[word.charAt(1)], word.slice(2) || undefined];
    const takes = option === undefined ? undefined : LONG_OPTIONS[option];
    if (option === undefined || takes === undefined) return `pip does not accept the option ${nameOf(word)} here`;
    if (takes === 'nothing') {
      if (attached !== undefined) return `${option} takes no value`;
      add(option, '');
      continue;
    }
    const value = attached ?? words[++index];
    if (value === undefined) return `${option} needs a value`;
    if (takes === 'hash' && !/^sha(?:256|384|512):/.test(value)) return 'a hash must be written as --hash=sha256:…';
    if (takes === 'key=value' && !value.includes('=')) return `${option} needs KEY=VALUE`;
    add(option, value);
  }
  return found;
}

function splitLong(word: string): [option: string | undefined, value: string | undefined] {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  if (Object.hasOwn(LONG_OPTIONS, name)) return [name, value];
  const meant = Object.keys(LONG_OPTIONS).filter((option) => option.startsWith(name));
  return [meant.length === 1 ? meant[0] : undefined, value];
}

/** Without its value, which may be a secret. */
function nameOf(word: string): string {
  return word.startsWith('--') ? (/^--[\w-]{0,40}/.exec(word)?.[0] ?? '--') : word.slice(0, 2);
}

/** Python's shlex.split; `undefined` when a quote or a backslash has nothing after it. */
function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let pieces: string[] | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote === "'" || (quote === '"' && character !== '\\')) {
      if (character === quote) quote = '';
      else pieces?.push(character);
    } else if (character === '\\') {
      if (++index === text.length) return undefined;
      const next = text.charAt(index);
      // Inside double quotes a backslash only protects a quote and itself.
      (pieces ??= []).push(quote === '"' && next !== '"' && next !== '\\' ? `\\${next}` : next);
    } else if (character === "'" || character === '"') {
      quote = character;
      pieces ??= [];
    } else if (/[ \t\r\n]/.test(character)) {
      if (pieces !== undefined) words.push(pieces.join(''));
      pieces = undefined;
    } else (pieces ??= []).push(character);
  }
  if (quote !== '') return undefined;
  if (pieces !== undefined) words.push(pieces.join(''));
  return words;
}
