import { createHash } from 'node:crypto';
import { tableAt } from './pyproject.js';

type Table = Readonly<Record<string, unknown>>;

const LEGACY_KEYS = ['dependencies', 'source', 'extras', 'dev-dependencies'];
const PROJECT_KEYS = ['requires-python', 'dependencies', 'optional-dependencies'];

/**
 * The hashes under which Poetry may have noted in poetry.lock what of pyproject.toml it was made from
 * (poetry/packages/locker.py: _get_content_hash): of 2.3 and later, of 2.0, of 1.2, of 1.1. `undefined`: it has a value
 * that Python writes in another way than JavaScript does, so nothing can be said.
 */
export function poetryContentHashes(pyproject: Table): readonly string[] | undefined {
  const poetry = tableAt(pyproject, 'tool', 'poetry') ?? {};
  const project = picked(tableAt(pyproject, 'project') ?? {}, PROJECT_KEYS);
  const groups = tableAt(pyproject, 'dependency-groups') ?? {};
  const contents = [
    content(project, groups, poetry),
    content(project, {}, poetry),
    { ...nulls(LEGACY_KEYS), ...picked(poetry, [...LEGACY_KEYS, 'group']) },
    { ...nulls(LEGACY_KEYS), ...picked(poetry, LEGACY_KEYS) },
  ].map(pythonJson);
  const known = contents.filter((text) => text !== undefined);
  if (known.length < contents.length) return undefined;
  return [...new Set(known)].map((text) => createHash('sha256').update(text).digest('hex'));
}

function content(project: Table, groups: Table, poetry: Table): Table {
  const isOld = Object.keys(project).length === 0 && Object.keys(groups).length === 0;
  const relevant = { ...(isOld ? nulls(LEGACY_KEYS) : {}), ...picked(poetry, [...LEGACY_KEYS, 'group']) };
  if (isOld) return relevant;
  return {
    ...(Object.keys(project).length === 0 ? {} : { project }),
    ...(Object.keys(groups).length === 0 ? {} : { 'dependency-groups': groups }),
    tool: { poetry: relevant },
  };
}

function picked(table: Table, keys: readonly string[]): Table {
  return Object.fromEntries(keys.filter((key) => table[key] !== undefined).map((key) => [key, table[key]]));
}

function nulls(keys: readonly string[]): Table {
  return Object.fromEntries(keys.map((key) => [key, null]));
}

/** Python's json.dumps with sort_keys: spaces behind commas and colons, everything outside ASCII escaped. */
function pythonJson(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return escaped(value);
  // A float without a fraction is `1.0` in Python, and not to be told from 1 here: neither is in such tables.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return joined(value.map(pythonJson), '[', ']');
  if (typeof value !== 'object' || value instanceof Date) return undefined;
  const entries = Object.entries(value).sort(([one], [other]) => byCodePoint(one, other));
  const parts = entries.map(([key, each]) => {
    const text = pythonJson(each);
    return text === undefined ? undefined : `${escaped(key)}: ${text}`;
  });
  return joined(parts, '{', '}');
}

function joined(parts: readonly (string | undefined)[], open: string, close: string): string | undefined {
  return parts.includes(undefined) ? undefined : open + parts.join(', ') + close;
}

function escaped(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function byCodePoint(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
