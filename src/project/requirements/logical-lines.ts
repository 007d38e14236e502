/** A line as pip sees it: continuations joined, comments gone. `line` is where it starts, from 1. */
export interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

/** What pip does before it reads a line (pip/_internal/req/req_file.py: join_lines, then ignore_comments). */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: string[] = [];
  let start = 1;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const isComment = /^\s*#/.test(raw);
    if (parts.length === 0) start = index + 1;
    // pip ends a continuation at a line that is only a comment.
    const continues = raw.endsWith('\\') && !isComment;
    parts.push(continues ? raw.slice(0, -1) : isComment ? ` ${raw}` : raw);
    if (continues) continue;
    push(parts.join(''), start);
    parts = [];
  }
  if (parts.length > 0) push(parts.join(''), start);
  return lines;

  function push(joined: string, line: number): void {
    const trimmed = withoutComment(joined).trim();
    if (trimmed !== '') lines.push({ text: trimmed, line });
  }
}

/** A `#` starts a comment at the start or after a space; elsewhere it belongs to a URL (`#egg=`). */
function withoutComment(text: string): string {
  for (let index = text.indexOf('#'); index >= 0; index = text.indexOf('#', index + 1)) {
    if (index === 0 || /\s/.test(text[index - 1] ?? '')) return text.slice(0, index);
  }
  return text;
}

/** pip honours byte order marks; PowerShell's `pip freeze > requirements.txt` writes UTF-16 with one. */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
