import { isUtf8 } from 'node:buffer';
import type { CollectionTag, Document, Lexer, ScalarTag, Tags } from 'yaml';
import { KdeployError, messageOf, type Place } from '../errors.js';

/** Configuration files are read by people; anything larger is a mistake, and parsing it would stall the pre-push hook. */
export const MAXIMUM_YAML_BYTES = 1024 * 1024;

/** A parsed YAML file that still knows where each of its keys is. */
export interface YamlFile {
  /** Plain data; `undefined` for an empty file. */
  readonly value: unknown;

  /**
   * Where a key is: `placeOf(['run_config', 'authentication', 'type'])` → `{file: 'conf/base/kdeploy.yml', line: 12}`.
   * For a path that is not there, the place of its nearest parent.
   */
  placeOf(path: readonly (string | number)[]): Place;
}

/**
 * Reads YAML 1.1, the version of PyYAML and so of Kedro (`yes` and `on` are booleans there).
 * Throws KdeployError `configuration` with file and line for text that is too large, is not YAML, or repeats a key.
 */
export async function parseYaml(text: Buffer | string, file: string): Promise<YamlFile> {
  return (await readYamlDocument(text, file)).yaml;
}

/**
 * The same with the nodes of the document, for a reader that needs to know how a value was written. `tags`: instead of
 * YAML 1.1, how plain scalars are read.
 */
export async function readYamlDocument(
  text: Buffer | string,
  file: string,
  tags?: (ScalarTag | CollectionTag)[],
): Promise<{ document: Document; yaml: YamlFile }> {
  const bytes = Buffer.from(text);
  if (bytes.length > MAXIMUM_YAML_BYTES) {
    throw new KdeployError('configuration', `${file} is too large to be a configuration file (${bytes.length} bytes)`, {
      place: { file },
      hint: `keep it below ${MAXIMUM_YAML_BYTES} bytes`,
    });
  }
  if (bytes.includes(0) || !isUtf8(bytes)) {
    throw new KdeployError('configuration', `${file} is not UTF-8 text`, {
      place: { file },
      hint: 'save it as UTF-8, the only encoding that Kedro reads',
    });
  }

  const source = bytes.toString('utf8').replace(/^\uFEFF/, '');
  // Loaded here: `kdeploy --help` has no use for a YAML parser.
  const yaml = await import('yaml');
  const { LineCounter, isNode } = yaml;
  refuseBombs(new yaml.Lexer(), source, file);
  const lines = new LineCounter();
  const document = parse();
  const [error] = [...document.errors, ...repeatedKey(document)].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    // Some of its messages quote what stands there: `Unexpected scalar token in YAML stream: "hunter2"`.
    const reason = error.message.replace(/: ".*$/s, '');
    throw new KdeployError('configuration', `${file} is not valid YAML: ${reason} (line ${line}, column ${col})`, {
      place: { file, line },
      cause: new SyntaxError(reason),
      hint: 'fix the file at that line',
    });
  }

  function parse(): Document {
    try {
      return yaml.parseDocument(source, {
        ...(tags === undefined
          ? { version: '1.1', customTags: likePyYaml }
          : { schema: 'failsafe', merge: true, customTags: tags }),
        lineCounter: lines,
        prettyErrors: false,
        // Compares each key with all before it, so `repeatedKey` does it.
        uniqueKeys: false,
        // Its warnings (a tag that nobody knows) would be printed by Node, past every --quiet and --json.
        logLevel: 'error',
      });
    } catch (cause) {
      throw notExpanded(file, cause);
    }
  }

  function repeatedKey(document: Document): { readonly pos: [number]; readonly message: string }[] {
    const found: { pos: [number]; message: string }[] = [];
    yaml.visit(document, {
      Map(_, { items }) {
        const seen = new Set<unknown>();
        for (const { key } of items) {
          if (!yaml.isScalar(key)) continue;
          if (seen.has(key.value)) found.push({ pos: [key.range?.[0] ?? 0], message: 'Map keys must be unique' });
          seen.add(key.value);
          // A key is a name, also where a value so written would be a number or true: `on`, `NO`, `1_0`.
          const isName = tags === undefined && ['boolean', 'number', 'bigint'].includes(typeof key.value);
          if (isName) key.value = key.source ?? key.value;
        }
      },
    });
    return found;
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

  return { document, yaml: { value: toPlainData(document, file), placeOf } };
}

/** Python's own stack ends a little further on, so Kedro reads no deeper file either. */
const MAXIMUM_DEPTH = 100;
/** About six of them make a line. */
const MAXIMUM_TOKENS = 200_000;

/**
 * The parser needs a level of the stack for each level of nesting, and a kilobyte for each token: a megabyte of `[` ends
 * Node with a fatal error that nobody can catch. So the tokens are counted before it sees them.
 */
function refuseBombs(lexer: Lexer, source: string, file: string): void {
  let [count, line, brackets, indent] = [0, 1, 0, 0];
  let isLeading = true;
  for (const token of lexer.lex(source)) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    const isSpace = /^[ #]/.test(token);
    // A deeper block is further right, by one character at least.
    if (isLeading && brackets === 0 && (isSpace || token === '-' || token === '?')) indent += token.length;
    else if (token.endsWith('\n')) [isLeading, indent] = [true, 0];
    // The lexer's mark for the start of a document is no text.
    else if (token !== '\u0002') isLeading = false;

    const isTooDeep = brackets > MAXIMUM_DEPTH || (indent > 2 * MAXIMUM_DEPTH && !isSpace);
    if (isTooDeep || ++count > MAXIMUM_TOKENS) {
      const why = isTooDeep ? `is nested too deeply (more than ${MAXIMUM_DEPTH} levels)` : 'has too many values';
      throw new KdeployError('configuration', `${file} ${why} for a configuration file`, {
        place: { file, line },
        hint: isTooDeep ? 'fix the file at that line' : 'split it into several files',
      });
    }
    line += token.split('\n').length - 1;
  }
}

/**
 * YAML 1.1 has `y` and `n` for booleans; PyYAML, and so Kedro, reads them as text. So is a time of day, which YAML 1.1 takes
 * for a number (`12:30` is 750) and nobody means so, and a day that no calendar has, which would become another.
 */
function likePyYaml(tags: Tags): Tags {
  const others = tags.filter((tag) => typeof tag === 'string' || !('format' in tag) || tag.format !== 'TIME');
  return others.map((tag): Tags[number] => {
    if (typeof tag === 'string' || !('test' in tag) || !('resolve' in tag)) return tag;
    if (isScalarTag(tag) && tag.tag === 'tag:yaml.org,2002:timestamp') return { ...tag, resolve: dateOrText(tag) };
    if (tag.tag !== 'tag:yaml.org,2002:bool') return tag;
    const words = tag.test.test('yes')
      ? 'yes|Yes|YES|true|True|TRUE|on|On|ON'
      : 'no|No|NO|false|False|FALSE|off|Off|OFF';
    return Object.assign({}, tag, { test: new RegExp(`^(?:${words})$`) });
  });
}

function isScalarTag(tag: ScalarTag | CollectionTag): tag is ScalarTag {
  return !('collection' in tag);
}

function dateOrText(tag: ScalarTag): ScalarTag['resolve'] {
  return (text, onError, options) => {
    const [, year, month, day] = /^(\d{4})-(\d\d?)-(\d\d?)/.exec(text)?.map(Number) ?? [];
    const date = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day));
    return date.getUTCMonth() + 1 === month && date.getUTCDate() === day ? tag.resolve(text, onError, options) : text;
  };
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
    if (containsItself(value, new Set(), new Set())) throw new Error('an alias refers to a value that contains it');
    return value === null ? undefined : value;
  } catch (cause) {
    throw notExpanded(file, cause);
  }
}

function containsItself(value: unknown, above: Set<unknown>, done: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((inner) => containsItself(inner, above, done));
  above.delete(value);
  done.add(value);
  return found;
}

function notExpanded(file: string, cause: unknown): KdeployError {
  const why = cause instanceof RangeError ? 'it is nested too deeply' : messageOf(cause);
  return new KdeployError('configuration', `${file} cannot be expanded: ${why}`, { place: { file }, cause });
}
