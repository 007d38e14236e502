/** A line as pip sees it: continuations joined, comments gone. `line` is where it starts, from 1. */
export interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

/** ASCII's file, group, record and unit separators: Python takes them for white space, the first three for line ends. */
const SEPARATORS = [0x1c, 0x1d, 0x1e, 0x1f].map((code) => String.fromCharCode(code));

/** Python's str.splitlines, which pip uses: a form feed or U+2028 ends a line too. */
const LINE_END = new RegExp(`\\r\\n|[\\n\\r\\v\\f\\x85\\u2028\\u2029${SEPARATORS.slice(0, 3).join('')}]`);

/** What Python's str.strip and `\s` take for white space; JavaScript's `\s` has U+FEFF beside it. */
const SPACE = new RegExp(
  `[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000${SEPARATORS.join('')}]`,
);

/** What pip does before it reads a line (pip/_internal/req/req_file.py: join_lines, then ignore_comments). */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: string[] = [];
  let start = 1;
  for (const [index, raw] of text.split(LINE_END).entries()) {
    const isComment = firstOf(raw) === '#';
    if (parts.length === 0) start = index + 1;
    // pip ends a continuation at a line that is only a comment.
    const continues = raw.endsWith('\\') && !isComment;
    // pip takes the backslashes off both ends.
    parts.push(continues ? raw.replace(/^\\+/, '').replace(/(?<!\\)\\+$/, '') : isComment ? ` ${raw}` : raw);
    if (continues) continue;
    push(parts.join(''), start);
    parts = [];
  }
  if (parts.length > 0) push(parts.join(''), start);
  return lines;

  function push(joined: string, line: number): void {
    const trimmed = strip(withoutComment(joined));
    if (trimmed !== '') lines.push({ text: trimmed, line });
  }
}

/** Python's str.strip. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function firstOf(text: string): string {
  let start = 0;
  while (start < text.length && SPACE.test(text.charAt(start))) start++;
  return text.charAt(start);
}

/** A `#` starts a comment at the start or after a space; elsewhere it belongs to a URL (`#egg=`). */
function withoutComment(text: string): string {
  for (let index = text.indexOf('#'); index >= 0; index = text.indexOf('#', index + 1)) {
    if (index === 0 || SPACE.test(text.charAt(index - 1))) return text.slice(0, index);
  }
  return text;
}
