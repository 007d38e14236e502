import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute, type Interfaces } from '@oclif/core';
import { KdeployError } from './errors.js';

/** The package's own folder; this file stands one level below it, as source and compiled. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs the command line of this process to its end. oclif is given what it would otherwise look for on the disk at each
 * start: where the package is, and that nobody adds plugins to it.
 */
export async function runCommandLine(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const pjson = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as Interfaces.PJSON;
  const loadOptions = { root: ROOT, pjson, userPlugins: false, devPlugins: false };
  await toItsEnd(execute({ args: withHelpAndVersion(argv), loadOptions }), argv);
}

/**
 * Waits for a command. Node ends a process when nothing is left to happen, whether or not somebody still waits: with 13,
 * and without a word. That is an error like any other.
 */
export async function toItsEnd(command: Promise<unknown>, argv: readonly string[]): Promise<void> {
  const nothingLeft = new Promise<false>((resolve) => process.once('beforeExit', () => resolve(false)));
  if (await Promise.race([command.then(() => true), nothingLeft])) {
    endSoon();
    return;
  }
  const error = new KdeployError('unfinished', 'the command ended before it was done: what it waited for never came', {
    hint: 'a server closed its connection without a word: run the command again, and report it if it happens again',
  });
  const { errorJson, errorText } = await import('./ui/error-text.js');
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorJson(error), undefined, 2)}\n`);
  else process.stderr.write(`${errorText(error, { verbose: false })}\n`);
  process.exitCode = error.exitCode;
}

/** For what a command closes by itself. */
const PATIENCE_MILLISECONDS = 2000;

/** A connection that a server keeps open must not keep a command that is done; what it printed is still written. */
function endSoon(): void {
  const isWritten = (): boolean => process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
  setTimeout(() => (isWritten() ? process.exit() : endSoon()), PATIENCE_MILLISECONDS).unref();
}

/**
 * `-h`, `--help`, `-V` and `--version` count wherever they are before `--`: `kdeploy hook run -h` is `kdeploy help hook run`.
 * oclif knows neither the short ones nor a version in that place.
 */
export function withHelpAndVersion(argv: readonly string[]): string[] {
  if (argv.length === 0) return ['help'];
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const own = argv.slice(0, end);
  const json = own.includes('--json') ? ['--json'] : [];
  if (own.some((word) => word === '-h' || word === '--help')) {
    const start = own.findIndex((word) => !word.startsWith('-'));
    const words = start === -1 ? [] : own.slice(start);
    const flag = words.findIndex((word) => word.startsWith('-'));
    const subject = flag === -1 ? words : words.slice(0, flag);
    return ['help', ...(subject[0] === 'help' && subject.length > 1 ? subject.slice(1) : subject), ...json];
  }
  if (own.some((word) => word === '-V' || word === '--version')) return ['version', ...json];
  return [...argv];
}
