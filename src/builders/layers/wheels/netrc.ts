import path from 'node:path';
import { homedir } from 'node:os';
import { systemCodeOf } from '../../../errors.js';
import { readPlainFile } from '../../../plain-file.js';
import { fileProblem } from '../../../system-error.js';

export interface NetrcEntry {
  /** `undefined`: the default, for all other hosts. */
  readonly host: string | undefined;
  readonly login: string;
  readonly password: string;
}

/**
 * The logins of a netrc file, as Python's netrc reads them, and with it pip; uv's reader agrees. A parser of our own: the
 * packages for it on npm are either of 2015 or bring a dozen others.
 */
export function parseNetrc(text: string): NetrcEntry[] {
  const found: { host: string | undefined; login: string; password: string }[] = [];
  const words = new Words(text);
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const value = (): string => words.next() ?? '';
    const entry = found.at(-1);
    if (word.startsWith('#')) words.skipLine();
    else if (word === 'machine') found.push({ host: value().toLowerCase(), login: '', password: '' });
    else if (word === 'default') found.push({ host: undefined, login: '', password: '' });
    else if (word === 'macdef') words.skipMacro();
    else if (word === 'account') value();
    else if (entry !== undefined && (word === 'login' || word === 'user')) entry.login = value();
    else if (entry !== undefined && word === 'password') entry.password = value();
  }
  return found;
}

/** The login for a host, else the default one; of several, the last, as Python has it. */
export function loginFor(host: string, entries: readonly NetrcEntry[]): NetrcEntry | undefined {
  return (
    entries.findLast((entry) => entry.host === host.toLowerCase()) ??
    entries.findLast((entry) => entry.host === undefined)
  );
}

/**
 * The user's netrc: the file that NETRC names, else `~/.netrc`, else `~/_netrc`. One that is missing has no entries. Throws
 * KdeployError `configuration` for one that cannot be read.
 */
export async function readNetrc(environment: NodeJS.ProcessEnv, home: string = homedir()): Promise<NetrcEntry[]> {
  const named = environment.NETRC ?? '';
  const files = named === '' ? ['.netrc', '_netrc'].map((name) => path.join(home, name)) : [named];
  for (const file of files) {
    try {
      return parseNetrc((await readPlainFile(file)).toString('utf8').replaceAll('\r\n', '\n'));
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) throw fileProblem(error, file) ?? error;
    }
  }
  return [];
}

/** Blanks separate words; in quotes they are part of one, and what follows a backslash is meant as it is. */
class Words {
  #at = 0;

  constructor(private readonly text: string) {}

  next(): string | undefined {
    const word = /\s*(?:"((?:[^"\\]|\\[^])*)"?|((?:[^\s\\]|\\[^])+))/y;
    word.lastIndex = this.#at;
    const match = word.exec(this.text);
    if (match === null) return undefined;
    this.#at = word.lastIndex;
    return (match[1] ?? match[2] ?? '').replaceAll(/\\([^])/g, '$1');
  }

  /** The rest of a comment. */
  skipLine(): void {
    this.#skipTo('\n');
  }

  /** Commands of ftp, up to the next empty line. */
  skipMacro(): void {
    this.#skipTo('\n\n');
  }

  #skipTo(end: string): void {
    const found = this.text.indexOf(end, this.#at);
    this.#at = found === -1 ? this.text.length : found;
  }
}
