/**
 * Whether what is written to a stream may have colours: FORCE_COLOR and NO_COLOR as force-color.org and no-color.org have
 * them, else only on a terminal that shows them and outside CI, whose logs are read as files.
 */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, CI: ci, TERM: terminal } = environment;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return stream.isTTY === true && ci === undefined && terminal !== 'dumb';
}

/**
 * Whether a picture may be drawn on a stream: on a terminal outside CI, whose locale does not name another character set than
 * UTF-8. Of the variables of the locale the first that is set counts (POSIX, "Internationalization Variables").
 */
export function hasPictures(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { LC_ALL: all, LC_CTYPE: type, LANG: language, CI: ci, TERM: terminal } = environment;
  const locale = [all, type, language].find((each) => each !== undefined && each !== '') ?? '';
  const [, characters = 'UTF-8'] = /\.([^@]+)/.exec(locale) ?? [];
  return stream.isTTY === true && ci === undefined && terminal !== 'dumb' && /^utf-?8$/i.test(characters);
}

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
