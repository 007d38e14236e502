/** What is known of the stream that a text is printed to: process.stdout or process.stderr. */
export interface Output {
  readonly isTTY?: boolean;
  /** The terminal's width. */
  readonly columns?: number;
}

/** Below this, indented lines would be a column of single words. */
const MINIMUM_WIDTH = 40;

/**
 * Text broken between words at the terminal's width, with the rest of a line indented below it: under `next: ` and `why: `
 * under their sentence. A pipe or file gets each line whole, for grep.
 */
export async function wrapped(text: string, { isTTY = false, columns = 0 }: Output): Promise<string> {
  if (!isTTY || columns < MINIMUM_WIDTH || text.split('\n').every((line) => line.length <= columns)) return text;
  const { default: wrap } = await import('wrap-ansi');
  return text
    .split('\n')
    .map((line) => {
      const [indent = ''] = /^ *(?:(?:next|why): )?/.exec(line) ?? [];
      // Output of other tools, behind a bar, is shown as it came.
      if (/^ *\| /.test(line)) return line;
      const below = ' '.repeat(indent === '' ? 4 : indent.length);
      const lines = wrap(line.slice(indent.length), columns - below.length, { hard: false }).split('\n');
      return lines.map((part, index) => (index === 0 ? indent : below) + part).join('\n');
    })
    .join('\n');
}
