import type { Place } from '../errors.js';

/** A file's name or a value may contain control characters, which move a terminal's cursor: shown as ls and git show them. */
export function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (sign) =>
    sign === '\n' ? ' ' : `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** `conf/base/kdeploy.yml:12`, as editors and compilers write it. */
export function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
