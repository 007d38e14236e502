/** A file's name or a value may hold what moves a terminal's cursor or repaints its lines: shown as ls and git show it. */
export function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (sign) =>
    sign === '\n' ? ' ' : `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
