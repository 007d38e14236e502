/* eslint-disable no-restricted-syntax -- this is the one place */
import { rememberSecretsOf } from '../secrets/given-secrets.js';
import { harmlessJson, harmlessText } from './harmless.js';
import { hasColours } from './terminal.js';

/**
 * The one place where text leaves kdeploy (lint refuses `process.stdout.write` elsewhere): what is printed here contains no
 * secret that this process knows, no escape sequence and no CI command, whoever wrote it.
 */

let isEnvironmentRead = false;

/** The result, a line or several, on stdout. */
export function printResult(text: string): void {
  process.stdout.write(`${outgoing(text, process.stdout)}\n`);
}

/** The result as JSON, on stdout. */
export function printJson(value: unknown): void {
  readEnvironment();
  process.stdout.write(`${harmlessJson(value)}\n`);
}

/**
 * kdeploy's own text as it is, on stdout: documentation, a shell's script, workflow commands for GitHub, or a secret that the
 * user asked for.
 */
export function printAsIs(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What is said beside the result, on stderr; line breaks are in the text. */
export function writeNote(text: string): void {
  process.stderr.write(outgoing(text, process.stderr));
}

function outgoing(text: string, stream: NodeJS.WriteStream): string {
  readEnvironment();
  return harmlessText(text, { colours: hasColours(stream, process.env) });
}

/** Once, and not before something is printed: most commands have no secret in their environment. */
function readEnvironment(): void {
  if (isEnvironmentRead) return;
  isEnvironmentRead = true;
  rememberSecretsOf(process.env);
}
