import { KdeployError, type Place } from '../../errors.js';
import { TomlPlaces } from './toml-places.js';

/** A parsed pyproject.toml. Only lookups that cannot fail: whatever has an unexpected type is not there. */
export interface PyProject {
  readonly table: Readonly<Record<string, unknown>>;
  /**
   * The line where a text such as a dependency is, in quotes, below a key such as `project`, `dependencies`; TOML
   * parsers keep no positions.
   */
  placeOf(quoted: string, ...path: readonly string[]): Place;
  /** The line where a key stands: `placeOfKey('tool', 'poetry', 'dependencies', 'kedro')`. */
  placeOfKey(...path: readonly string[]): Place;
}

const FILE = 'pyproject.toml';

/** Throws KdeployError `configuration` with the line for text that is not TOML. */
export async function parsePyProject(bytes: Buffer): Promise<PyProject> {
  const { parse, TomlError } = await import('smol-toml');
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    const table = parse(text);
    // Most readers ask for no place.
    let read: TomlPlaces | undefined;
    const places = () => (read ??= new TomlPlaces(text));
    return {
      table,
      placeOf: (quoted, ...path) => placeAt(places().lineOfText(quoted, places().lineOfKey(path) ?? 0)),
      placeOfKey: (...path) => placeAt(places().lineOfKey(path)),
    };
  } catch (error) {
    const line = error instanceof TomlError ? error.line : undefined;
    const reason = error instanceof Error ? firstLine(error.message) : 'unknown reason';
    throw new KdeployError('configuration', `${FILE} is not valid TOML: ${reason}`, {
      place: line === undefined ? { file: FILE } : { file: FILE, line },
      hint: 'fix the file at that line',
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

function placeAt(index: number | undefined): Place {
  return index === undefined ? { file: FILE } : { file: FILE, line: index + 1 };
}

/** smol-toml's messages continue with an excerpt of the file, which may contain a password. So the error is no cause. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '').trim();
}
