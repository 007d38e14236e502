/** `RUN <<EOF` … `EOF`, or a file that `COPY <<EOF /etc/pip.conf` writes. */
export interface Heredoc {
  readonly name: string;
  /** `<<-EOF`: the tabs at the beginning of each line don't count. */
  readonly stripsTabs: boolean;
  /** `<<"EOF"`: variables stay as they are. */
  readonly isLiteral: boolean;
  readonly content: string;
}

/** The document whose first line is `lines[from]`, and where the text goes on behind it; `undefined` when it never ends. */
export function readHeredoc(
  opened: Omit<Heredoc, 'content'>,
  lines: readonly string[],
  from: number,
): { readonly heredoc: Heredoc; readonly next: number } | undefined {
  const stripped = (line: string): string => (opened.stripsTabs ? line.replace(/^\t+/, '') : line);
  for (let at = from; at < lines.length; at++) {
    if (stripped(lines[at] ?? '') !== opened.name) continue;
    const content = lines.slice(from, at).map((line) => `${stripped(line)}\n`);
    return { heredoc: { ...opened, content: content.join('') }, next: at + 1 };
  }
  return undefined;
}
