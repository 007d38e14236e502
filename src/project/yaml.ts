import type { Document, Tags } from 'yaml';
import { KdeployError, messageOf, type Place } from '../errors.js';

/** Configuration files are read by people; anything larger is a mistake, and parsing it would stall the pre-push hook. */
export const MAXIMUM_YAML_BYTES = 1024 * 1024;

/** A parsed YAML file that still knows where each of its keys stands. */
export interface YamlFile {
  /** Plain data; `undefined` for an empty file. */
  readonly value: unknown;

  /**
   * Where a key stands: `placeOf(['run_config', 'authentication', 'type'])` → `{file: 'conf/base/kdeploy.yml', line: 12}`.
   * For a path that is not there, the place of its nearest parent.
   */
  placeOf(path: readonly (string | number)[]): Place;
}

/**
 * Reads YAML 1.1, the version of PyYAML and so of Kedro (`yes` and `on` are booleans there).
 * Throws KdeployError `configuration` with file and line for text that is too large, is not YAML, or repeats a key.
 */
export async function parseYaml(text: Buffer | string, file: string): Promise<YamlFile> {
  const bytes = Buffer.from(text);
  if (bytes.length > MAXIMUM_YAML_BYTES) {
    throw new KdeployError('configuration', `${file} is too large to be a configuration file (${bytes.length} bytes)`, {
      place: { file },
      hint: `keep it below ${MAXIMUM_YAML_BYTES} bytes`,
    });
  }
  if (bytes.includes(0)) {
    throw new KdeployError('configuration', `${file} is not a text file`, { place: { file } });
  }

  // Loaded here: `kdeploy --help` has no use for a YAML parser.
  const { LineCounter, isNode, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document: Document = parseDocument(bytes.toString('utf8').replace(/^\uFEFF/, ''), {
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
    customTags: booleansOfPyYaml,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new KdeployError(
      'configuration',
      `${file} is not valid YAML: ${error.message} (line ${line}, column ${col})`,
      {
        place: { file, line },
        cause: error,
        hint: 'mend the file at that line',
      },
    );
  }

  const placeOf = (path: readonly (string | number)[]): Place => {
    for (let length = path.length; length >= 0; length--) {
      const line = lineOf(path.slice(0, length));
      if (line !== undefined) return { file, line };
    }
    return { file };
  };

  function lineOf(path: readonly (string | number)[]): number | undefined {
    const key = path.at(-1);
    if (key === undefined) return undefined;
    const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items)) {
      return undefined;
    }
    const items: unknown[] = parent.items;
    const item = typeof key === 'number' ? items[key] : items.find((pair) => keyOf(pair) === key);
    const node = typeof item === 'object' && item !== null && 'key' in item ? item.key : item;
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
  }

  return { value: toPlainData(document, file), placeOf };
}

/** YAML 1.1 has `y` and `n` for booleans; PyYAML, and so Kedro, reads them as text. */
function booleansOfPyYaml(tags: Tags): Tags {
  return tags.map((tag): Tags[number] => {
    if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool' || !('test' in tag)) return tag;
    const words = tag.test.test('yes')
      ? 'yes|Yes|YES|true|True|TRUE|on|On|ON'
      : 'no|No|NO|false|False|FALSE|off|Off|OFF';
    return Object.assign({}, tag, { test: new RegExp(`^(?:${words})$`) });
  });
}

function keyOf(pair: unknown): string | undefined {
  if (typeof pair !== 'object' || pair === null || !('key' in pair)) return undefined;
  const { key } = pair;
  const value: unknown = typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** The limit on aliases stops the "billion laughs": a few lines that expand to gigabytes. */
function toPlainData(document: Document, file: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value === null ? undefined : value;
  } catch (error) {
    throw new KdeployError('configuration', `${file} cannot be expanded: ${messageOf(error)}`, {
      place: { file },
      cause: error,
    });
  }
}
