import { KdeployError, type Place } from '../../errors.js';

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
    const lines = text.split('\n');
    return {
      table,
      placeOf: (quoted, ...path) => placeAt(lineOfText(lines, quoted, lineOfKey(lines, path) ?? 0)),
      placeOfKey: (...path) => placeAt(lineOfKey(lines, path)),
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

/** From 0. The header of the longest table that the path begins with, and the next key below it. */
function lineOfKey(lines: readonly string[], path: readonly string[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const header = lines.findIndex(
      (line) => namesIn(/^\s*\[([^[\]]*)\]/.exec(line)?.[1]) === path.slice(0, length).join('\0'),
    );
    const key = path[length];
    if (header < 0) continue;
    if (key === undefined) return header;
    for (let index = header + 1; index < lines.length && !/^\s*\[\[?[\w"'.-]+\]/.test(lines[index] ?? ''); index++) {
      if (namesIn(/^\s*([\w."'-]{1,200})\s*=/.exec(lines[index] ?? '')?.[1])?.split('\0')[0] === key) return index;
    }
    return header;
  }
  return undefined;
}

function namesIn(dotted: string | undefined): string | undefined {
  return dotted
    ?.split('.')
    .map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .join('\0');
}

/** From a line on, else from the start. */
function lineOfText(lines: readonly string[], quoted: string, from: number): number | undefined {
  const spellings = [`"${quoted}"`, `'${quoted}'`, JSON.stringify(quoted)];
  const isThere = (line: string): boolean => spellings.some((spelling) => line.includes(spelling));
  const below = lines.slice(from).findIndex(isThere);
  const index = below < 0 ? lines.findIndex(isThere) : from + below;
  return index < 0 ? undefined : index;
}

/** smol-toml's messages continue with an excerpt of the file, which may contain a password. So the error is no cause. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '').trim();
}
