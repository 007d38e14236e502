import { KdeployError, type Place } from '../errors.js';

/** A parsed pyproject.toml. Only lookups that cannot fail: whatever has an unexpected type is not there. */
export interface PyProject {
  readonly table: Readonly<Record<string, unknown>>;
  /** The line where a text such as a dependency stands, in quotes; TOML parsers keep no positions. */
  placeOf(quoted: string): Place;
}

const FILE = 'pyproject.toml';

/** Throws KdeployError `configuration` with the line for text that is not TOML. */
export async function parsePyProject(bytes: Buffer): Promise<PyProject> {
  const { parse, TomlError } = await import('smol-toml');
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    const table = parse(text);
    return { table, placeOf: (quoted) => placeIn(text, quoted) };
  } catch (error) {
    const line = error instanceof TomlError ? error.line : undefined;
    const reason = error instanceof Error ? firstLine(error.message) : 'unknown reason';
    throw new KdeployError('configuration', `${FILE} is not valid TOML: ${reason}`, {
      place: line === undefined ? { file: FILE } : { file: FILE, line },
      cause: error,
      hint: 'mend the file at that line',
    });
  }
}

/** `tableAt(document, 'tool', 'kedro')`: the table there, else `undefined`. */
export function tableAt(table: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  let current = table;
  for (const key of path) {
    if (!isTable(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return isTable(current) ? current : undefined;
}

export function textAt(table: unknown, ...path: readonly string[]): string | undefined {
  const value = tableAt(table, ...path.slice(0, -1))?.[path.at(-1) ?? ''];
  return typeof value === 'string' ? value : undefined;
}

export function listOfTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeIn(text: string, quoted: string): Place {
  for (const quote of ['"', "'"]) {
    const index = text.indexOf(quote + quoted + quote);
    if (index >= 0) return { file: FILE, line: text.slice(0, index).split('\n').length };
  }
  return { file: FILE };
}

/** smol-toml's messages continue with an excerpt of the file, which may hold anything. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '').trim();
}
