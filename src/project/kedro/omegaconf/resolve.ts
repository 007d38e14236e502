import type { ConfigMap, ConfigValue } from './config.js';
import { parseInterpolation, type Part } from './interpolation.js';

/** A string whose value cannot be told: because only Kedro knows (`ask`), or because Kedro would refuse it (`refused`). */
export interface Unresolved {
  readonly path: readonly (string | number)[];
  readonly kind: 'ask' | 'refused';
  /** For `refused`: why, as in `there is no key a.b in globals.yml`. */
  readonly reason?: string;
}

export interface Resolvers {
  /** What `${globals:…}` looks into; `undefined` where it cannot be told, or while globals.yml itself is read. */
  readonly globals: ConfigMap | undefined;
  /** Whether `${runtime_params:…}` gives its default; there are no parameters before the pipeline is run. */
  readonly hasRuntimeParameters: boolean;
}

export interface Resolution {
  /** Unresolved strings are in it as written. */
  readonly value: ConfigMap;
  readonly unresolved: readonly Unresolved[];
}

/** Far more than configuration needs; a few lines of `${a}${a}` would otherwise grow to gigabytes, here or in Kedro. */
const MAXIMUM_STEPS = 20_000;
const MAXIMUM_LENGTH = 100_000;
const MAXIMUM_DEPTH = 30;

type Ancestors = readonly (ConfigMap | ConfigValue[])[];
type Path = readonly (string | number)[];

/** kedro-mlflow's `${km.random_name:}` gives each run its name, so it must reach the image as it is. */
export function isRandomName(text: string): boolean {
  return /^\$\{km\.random_name:\s*\}$/.test(text);
}

/** Resolves the interpolations of one environment's configuration; those of another environment are never seen by it. */
export function resolveConfig(root: ConfigMap, resolvers: Resolvers): Resolution {
  const unresolved: Unresolved[] = [];
  let steps = 0;
  const value = all(root, [], []);
  return { value: value instanceof Map ? value : root, unresolved };

  /** A copy with everything resolved; what cannot be is noted, and stays as it is. */
  function all(node: ConfigValue, ancestors: Ancestors, path: Path): ConfigValue {
    if (node instanceof Map) {
      const inner: ConfigMap = new Map();
      for (const [key, each] of node) {
        // OmegaConf leaves keys alone; nobody who writes `${` there wants that.
        if (key.includes('${')) unresolved.push({ path: [...path, key], kind: 'ask' });
        inner.set(key, all(each, [...ancestors, node], [...path, key]));
      }
      return inner;
    }
    if (Array.isArray(node)) return node.map((each, index) => all(each, [...ancestors, node], [...path, index]));
    const found = resolved(node, ancestors, 0);
    if (!(found instanceof Failure)) return found;
    unresolved.push({ path, kind: found.kind, ...(found.reason === undefined ? {} : { reason: found.reason }) });
    return node;
  }

  function resolved(node: ConfigValue, ancestors: Ancestors, depth: number): ConfigValue | Failure {
    if (++steps > MAXIMUM_STEPS) return BOMB;
    if (depth > MAXIMUM_DEPTH) return ASK;
    if (node instanceof Map) {
      const copy: ConfigMap = new Map();
      for (const [key, each] of node) {
        const inner = key.includes('${') ? ASK : resolved(each, [...ancestors, node], depth + 1);
        if (inner instanceof Failure) return inner;
        copy.set(key, inner);
      }
      return copy;
    }
    if (Array.isArray(node)) {
      const copy: ConfigValue[] = [];
      for (const each of node) {
        const inner = resolved(each, [...ancestors, node], depth + 1);
        if (inner instanceof Failure) return inner;
        copy.push(inner);
      }
      return copy;
    }
    if (typeof node !== 'string') return node;
    // `???` means "missing" to OmegaConf.
    if (/^\\*\?\?\?$/.test(node)) return ASK;
    if (!node.includes('${')) return node;
    if (isRandomName(node)) return depth === 0 ? node : ASK;
    const parts = parseInterpolation(node);
    return parts === undefined ? ASK : concatenated(parts, ancestors, depth);
  }

  function concatenated(parts: readonly Part[], ancestors: Ancestors, depth: number): ConfigValue | Failure {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return valueOf(only, ancestors, depth);
    let text = '';
    for (const part of parts) {
      const value = valueOf(part, ancestors, depth);
      if (value instanceof Failure) return value;
      const added = inPython(value);
      if (added === undefined) return ASK;
      if (text.length + added.length > MAXIMUM_LENGTH) return BOMB;
      text += added;
    }
    return text;
  }

  function valueOf(part: Part, ancestors: Ancestors, depth: number): ConfigValue | Failure {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'oc.env':
        return new Failure('refused', '${oc.env:…} works only in credentials.yml');
      case 'runtime_params':
        return resolvers.hasRuntimeParameters && part.otherwise !== undefined ? part.otherwise.value : ASK;
      case 'globals':
        return resolvers.globals === undefined ? ASK : ofGlobals(resolvers.globals, part);
      case 'node': {
        const upTo = part.dots === 0 ? 1 : ancestors.length - part.dots + 1;
        const start = upTo < 1 ? undefined : ancestors[upTo - 1];
        return start instanceof Map ? selected(start, ancestors.slice(0, upTo - 1), part.keys, depth) : ASK;
      }
    }
  }

  function selected(start: ConfigMap, above: Ancestors, keys: readonly string[], depth: number): ConfigValue | Failure {
    let node: ConfigValue = start;
    let ancestors = above;
    for (const key of keys) {
      const container: ConfigValue = node;
      const inner: ConfigValue | undefined = container instanceof Map ? container.get(key) : undefined;
      // Through a list, or another interpolation: possible, and Kedro's to tell.
      if (!(container instanceof Map) || inner === undefined) return ASK;
      ancestors = [...ancestors, container];
      node = inner;
    }
    return resolved(node, ancestors, depth + 1);
  }
}

/** `globals` is resolved already. */
function ofGlobals(globals: ConfigMap, { keys, otherwise }: Extract<Part, { kind: 'globals' | 'runtime_params' }>) {
  let node: ConfigValue = globals;
  for (const key of keys) {
    if (!(node instanceof Map)) return ASK;
    const inner = node.get(key);
    if (inner === undefined) {
      if (otherwise !== undefined) return otherwise.value;
      return new Failure('refused', `${keys.join('.')} is not in globals.yml, and there is no default`);
    }
    node = inner;
  }
  return node;
}

class Failure {
  readonly kind: 'ask' | 'refused';
  readonly reason: string | undefined;

  constructor(kind: 'ask' | 'refused', reason?: string) {
    this.kind = kind;
    this.reason = reason;
  }
}

const ASK = new Failure('ask');

/** Nothing for Kedro either, which knows no limit. */
const BOMB = new Failure('refused', 'what its ${…} stand for grows without end');

/** `str(value)`; a float's digits are Python's own affair, and containers have no place in a string. */
function inPython(value: ConfigValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? 'None' : undefined;
}
