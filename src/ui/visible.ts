import type { Place } from '../errors.js';

/**
 * What moves a terminal's cursor, or turns the direction of text around so that it reads as something else (CVE-2021-42574):
 * everything but the line break and the tab.
 */
export const CONTROL =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** A control character as ls and git show it: `\x1b`, `\u202e`. */
export function escaped(sign: string): string {
  const code = sign.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A file's name or a value may contain control characters and line breaks: shown within one line. */
export function visible(text: string): string {
  return text.replaceAll(/[\n\t]/g, (sign) => (sign === '\n' ? ' ' : escaped(sign))).replaceAll(CONTROL, escaped);
}

/** `conf/base/kdeploy.yml:12`, as editors and compilers write it. */
export function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
