import { KdeployError } from '../../errors.js';
import type { ProjectSource } from '../../project/sources/source.js';
import { parseYaml } from '../../project/yaml.js';
import { originOf, type ConfigurationProblem, type KeyPath, type SettingOrigin } from './problem.js';

export type SettingsMap = Readonly<Record<string, unknown>>;

/** One source of settings: a file, or one variable or flag. A later layer wins over an earlier one. */
export interface Layer {
  /** As it appears in `Settings.sources`. */
  readonly name: string;
  readonly value: SettingsMap;
  originOf(path: KeyPath): SettingOrigin;
}

/** Only maps as YAML and JSON know them; not dates, lists, or what YAML's exotic tags make. */
export function isMap(value: unknown): value is SettingsMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A layer that sets one key, for a variable or a flag. */
export function singleSetting(name: string, path: readonly string[], value: unknown): Layer {
  const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return { name, value: isMap(nested) ? nested : {}, originOf: () => ({ where: name }) };
}

/**
 * The first of `files` that exists, as a layer; `undefined` when none does.
 * What makes it unreadable goes to `problems`, so that the other files' problems are still found.
 */
export async function readLayer(
  source: ProjectSource,
  files: readonly string[],
  problems: ConfigurationProblem[],
): Promise<Layer | undefined> {
  for (const file of files) {
    try {
      const bytes = await source.read(file);
      if (bytes === undefined) continue;
      const yaml = await parseYaml(bytes, file);
      const { value } = yaml;
      if (value === undefined || isMap(value)) {
        const map = value === undefined ? {} : plainMap(value);
        return { name: file, value: map, originOf: (path) => originOf(yaml.placeOf(path)) };
      }
      problems.push({
        ...originOf({ file, line: 1 }),
        key: '',
        message: `the file must contain a mapping, not ${kindOf(value)}`,
      });
    } catch (error) {
      if (!(error instanceof KdeployError)) throw error;
      const place = error.place ?? { file };
      problems.push({
        ...originOf(place),
        key: '',
        // The place in front names the file already.
        message: error.message.replace(`${file} `, 'the file '),
        ...(error.hint === undefined ? {} : { remedy: error.hint }),
      });
    }
    return { name: file, value: {}, originOf: () => originOf({ file }) };
  }
  return undefined;
}

/** Maps are merged key by key; lists, and maps of another `type`, are replaced as a whole. */
export function mergeMaps(below: SettingsMap, above: SettingsMap): SettingsMap {
  // Object.fromEntries, because an assignment to the key __proto__ would change the object itself.
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const other = merged.get(key);
    merged.set(key, isMap(value) && isMap(other) && !isOfAnotherType(value, other) ? mergeMaps(other, value) : value);
  }
  return Object.fromEntries(merged);
}

/** `authentication: {type: Vars, params: […]}` below `{type: GoogleOAuth2}`: the params belong to the other type. */
function isOfAnotherType(above: SettingsMap, below: SettingsMap): boolean {
  return above.type !== undefined && above.type !== below.type;
}

/** Whether a path is set, and where it leads to. `undefined` represents "not there". */
export function valueAt(value: unknown, path: KeyPath): unknown {
  let current = value;
  for (const key of path) {
    if (Array.isArray(current)) current = typeof key === 'number' ? (current as unknown[])[key] : undefined;
    // What was written alone instead of as a list has its first element's path: tags.0, authentication.0.type.
    else if (typeof key === 'number') current = key === 0 ? current : undefined;
    else current = isMap(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

/** Without the index of a list that normalise made of a single thing: `authentication.0.type` is at `authentication.type`. */
export function asWritten(value: SettingsMap, path: KeyPath): KeyPath {
  return path.filter((key, index) => typeof key !== 'number' || Array.isArray(valueAt(value, path.slice(0, index))));
}

/** What a value is, in words, without the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'boolean') return 'a boolean';
  return typeof value === 'string' ? 'a string' : 'a number';
}

function plainMap(map: SettingsMap): SettingsMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, plain(value)]));
}

/** YAML 1.1 makes dates of 2024-01-31, and maps, sets and bytes of rare tags: back to what the writer sees in the file. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? '' : value.toISOString().replace(/T00:00:00.000Z$/, '');
  if (value instanceof Map) return plainMap(Object.fromEntries([...value].map(([key, inner]) => [String(key), inner])));
  if (value instanceof Set) return [...value].map(plain);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return isMap(value) ? plainMap(value) : value;
}
