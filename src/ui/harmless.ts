import { redact } from '../secrets/redaction.js';
import { CONTROL, escaped } from './visible.js';

/** kdeploy's own colours (util.styleText), and nothing that hides or moves text. */
const OWN_COLOUR = /^\[(?:0|1|2|22|3[1-6]|39)m/;

/**
 * The commands that CI systems read from any program's output: GitHub's `::error …` at the start of a line
 * (actions/runner, ActionCommand.cs: white space before it counts for nothing) and `##[group]` anywhere, Azure's `##vso[…]`,
 * TeamCity's `##teamcity[…]`.
 */
const LINE_COMMAND = /^(\s*):(?=:)/gm;
const BRACKET_COMMAND = /##(?=[a-z.]{0,40}\[)/gi;

/**
 * Text as it may be printed, wherever it came from: without secrets, escape sequences and commands of CI systems. A server, a
 * commit or a file name may contain all of these.
 */
export function harmlessText(text: string, { colours = false } = {}): string {
  return redact(text.replaceAll('\r\n', '\n'))
    .replaceAll(CONTROL, (sign, at: number, whole: string) =>
      colours && sign === '\u001B' && OWN_COLOUR.test(whole.slice(at + 1, at + 5)) ? sign : escaped(sign),
    )
    .replaceAll(LINE_COMMAND, '$1: ')
    .replaceAll(BRACKET_COMMAND, '# #');
}

/** The same within a line: of a place, or of what another tool says while it works. */
export function harmlessLine(text: string): string {
  return harmlessText(text).replaceAll(/\s*\n\s*/g, ' ');
}

/** A value as JSON that reads back as the same value, secrets apart, and that no terminal or CI system obeys. */
export function harmlessJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'string' ? redact(each) : each), 2);
  return text
    .replaceAll(CONTROL, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(BRACKET_COMMAND, String.raw`#\u0023`);
}
