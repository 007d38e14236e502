/**
 * A Python string literal as ruff writes it: double quotes, unless single ones need fewer escapes. What cannot be seen,
 * or turns text around, is escaped, so that the file reads as it runs.
 */
export function pyString(text: string): string {
  const quote = count(text, '"') > count(text, "'") ? "'" : '"';
  const body = Array.from(text, (character) => (character === quote ? `\\${quote}` : escaped(character))).join('');
  return `${quote}${body}${quote}`;
}

/** Text of several lines, as a Python string in three quotes that begins on a line of its own. */
export function pyText(text: string): string {
  const lines = text.split('\n').map((line) =>
    Array.from(line, escaped)
      .join('')
      .replaceAll('"""', String.raw`\"\"\"`)
      .replace(/"$/, String.raw`\"`),
  );
  return `"""\\\n${lines.join('\n')}"""`;
}

/** Text for a comment: one line, whatever is in it. */
export function pyComment(text: string): string {
  return Array.from(text, (character) => (character === '\\' ? character : escaped(character))).join('');
}

const NAMED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Lone surrogates, controls, format characters (such as those for right-to-left), unusual spaces and separators. */
const INVISIBLE = /[\p{C}\p{Z}]/u;

function escaped(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  if (character === ' ' || !INVISIBLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x1_00) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x1_00_00 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
