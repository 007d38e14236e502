import { isUtf8 } from 'node:buffer';
import type { Node } from 'yaml';
import { readYamlDocument, type YamlFile } from '../../yaml.js';
import { OMEGACONF_TAGS } from './scalars.js';

/** A configuration value as OmegaConf holds it; whole numbers are bigint, because Python tells `1` from `1.0`. */
export type ConfigValue = string | boolean | null | bigint | number | ConfigValue[] | ConfigMap;
export type ConfigMap = Map<string, ConfigValue>;

/** One configuration file, read as OmegaConf would. */
export interface ConfigFile {
  readonly file: string;
  /** Empty for an empty file; `undefined` where it cannot be told from here what OmegaConf would make of the file. */
  readonly content: ConfigMap | undefined;
  readonly yaml: YamlFile;
}

/**
 * Reads a file as `OmegaConf.load` does, where that is certain. Throws KdeployError `configuration` with the place for
 * text that is not YAML. What PyYAML reads in a way of its own (explicit tags, keys that are no text, two merge keys, control
 * characters) is left open: `content` is undefined.
 */
export async function readConfigFile(text: Buffer, file: string): Promise<ConfigFile> {
  const { document, yaml } = await readYamlDocument(text, file, OMEGACONF_TAGS);
  const isCertain = isUtf8(text) && !hasOwnReading(text.toString('utf8')) && isPlain(document.contents, new Set());
  if (!isCertain) return { file, content: undefined, yaml };
  const value = toConfig(document.toJS({ mapAsMap: true, maxAliasCount: 100 }), { left: MAXIMUM_NODES }, 0);
  return { file, content: value === null ? new Map() : value instanceof Map ? value : undefined, yaml };
}

/** OmegaConf 2.4 refuses documents that expand to more (omegaconf/_yaml.py, _DEFAULT_MAX_YAML_EXPANDED_NODES_VALUE). */
const MAXIMUM_NODES = 10_000;
const MAXIMUM_DEPTH = 100;

/** Tabs and directives, and characters that libyaml refuses. */
function hasOwnReading(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- libyaml's own list is one of control characters
  return /[\t\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|^%/m.test(text);
}

interface Seen {
  has(node: unknown): boolean;
  add(node: unknown): unknown;
}

function isPlain(node: unknown, seen: Seen): boolean {
  if (typeof node !== 'object' || node === null || seen.has(node)) return true;
  seen.add(node);
  const { tag, items, source, type } = node as Partial<Node> & { items?: unknown; source?: unknown; type?: unknown };
  if (tag !== undefined) return false;
  // `=` is a tag of its own for PyYAML, which nothing can construct.
  if (type === 'PLAIN' && source === '=') return false;
  if (!Array.isArray(items)) return true;
  let mergeKeys = 0;
  return items.every((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('key' in item)) return isPlain(item, seen);
    const { key, value } = item as { key: unknown; value?: unknown };
    if (typeof key !== 'object' || key === null || !('value' in key)) return false;
    if (typeof key.value === 'symbol' && ++mergeKeys > 1) return false;
    return (
      (typeof key.value === 'string' || typeof key.value === 'symbol') && isPlain(key, seen) && isPlain(value, seen)
    );
  });
}

function toConfig(value: unknown, budget: { left: number }, depth: number): ConfigValue | undefined {
  if (--budget.left < 0 || depth > MAXIMUM_DEPTH) return undefined;
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) {
    const items: ConfigValue[] = [];
    for (const each of value) {
      const item = toConfig(each, budget, depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
  if (!(value instanceof Map)) return undefined;
  const map: ConfigMap = new Map();
  for (const [key, each] of value) {
    const inner = toConfig(each, budget, depth + 1);
    if (typeof key !== 'string' || inner === undefined) return undefined;
    map.set(key, inner);
  }
  return map;
}

/** As plain data, the form in which Kedro hands configuration on: mappings as objects, whole numbers as numbers. */
export function toPlainData(value: ConfigValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(toPlainData);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, toPlainData(inner)]));
  return value;
}
