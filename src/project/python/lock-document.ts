import type { ProjectSource } from '../sources/source.js';
import { normaliseName } from './name.js';
import { tableAt } from './pyproject.js';

/** A lock file of uv, Poetry or PDM. */
export interface LockDocument {
  readonly table: Readonly<Record<string, unknown>>;
  readonly packages: readonly PackageTable[];
}

export interface PackageTable {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly version: string | undefined;
  readonly table: Readonly<Record<string, unknown>>;
  /** Of its `[[package]]`. */
  readonly line: number;
}

/** Lock files of the largest projects have some thousand packages. */
const MAXIMUM_PACKAGES = 20_000;

/** `undefined` when there is no such file, or when it is not TOML, which the tool will say itself. */
export async function readLockDocument(source: ProjectSource, file: string): Promise<LockDocument | undefined> {
  const bytes = await source.read(file);
  return bytes === undefined ? undefined : parseLockDocument(bytes.toString('utf8'));
}

/** `undefined` for text that is not TOML. */
export async function parseLockDocument(written: string): Promise<LockDocument | undefined> {
  const { parse } = await import('smol-toml');
  const text = written.replace(/^\uFEFF/, '');
  let document: Readonly<Record<string, unknown>>;
  try {
    document = parse(text);
  } catch {
    return undefined;
  }
  // TOML parsers keep no positions, and the tools write one `[[package]]` a package, in order.
  const lines = text.split('\n').flatMap((line, index) => (line.trimEnd() === '[[package]]' ? [index + 1] : []));
  const list: readonly unknown[] = Array.isArray(document.package) ? document.package : [];
  const packages = list.slice(0, MAXIMUM_PACKAGES).flatMap((each, index) => {
    const table = tableAt({ each }, 'each') ?? {};
    const { name, version } = table;
    if (typeof name !== 'string') return [];
    const known = typeof version === 'string' ? version : undefined;
    return [{ name: normaliseName(name), version: known, table, line: lines[index] ?? 1 }];
  });
  return { table: document, packages };
}
