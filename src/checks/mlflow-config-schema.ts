import { didYouMean } from '../config/settings/suggestion.js';

/** The value at a key: a section with keys of its own, or a value of a type. */
type Spec = Section | Value;

interface Section {
  readonly keys: Readonly<Record<string, Spec>>;
  readonly since?: string;
}

interface Value {
  readonly type:
    | 'a string'
    | 'a string or null'
    | 'a list of strings'
    | 'a mapping or null'
    | 'a mapping of strings'
    | 'true or false'
    | 'strict true or false'
    | readonly string[];
  readonly since?: string;
  /** The first version that no longer has it. */
  readonly until?: string;
}

const text: Value = { type: 'a string' };
const optionalText: Value = { type: 'a string or null' };
const strictBoolean: Value = { type: 'strict true or false' };

/**
 * The models of kedro-mlflow 2.0.3 (kedro_mlflow/config/kedro_mlflow_config.py), which are those of 1.0 and 0.14.4 too;
 * 0.12 to 0.14.3 lack the keys with `since`; 0.8 to 0.10 have the one with `until`. Every model forbids keys it does not know.
 */
const CONFIG: Section = {
  keys: {
    server: {
      keys: {
        mlflow_tracking_uri: optionalText,
        mlflow_registry_uri: optionalText,
        credentials: optionalText,
        stores_environment_variables: { type: 'a mapping of strings', until: '0.11.0' },
        request_header_provider: {
          keys: {
            type: optionalText,
            pass_context: { type: 'true or false' },
            init_kwargs: { type: 'a mapping of strings' },
          },
        },
      },
    },
    tracking: {
      keys: {
        disable_tracking: {
          keys: {
            pipelines: { type: 'a list of strings' },
            disable_autologging: { type: 'true or false', since: '0.14.4' },
          },
        },
        experiment: {
          keys: {
            name: text,
            create_experiment_kwargs: {
              keys: { artifact_location: optionalText, tags: { type: 'a mapping or null' } },
              since: '0.14.4',
            },
            restore_if_deleted: strictBoolean,
          },
        },
        run: { keys: { id: optionalText, name: optionalText, nested: strictBoolean } },
        params: {
          keys: {
            dict_params: { keys: { flatten: strictBoolean, recursive: strictBoolean, sep: text } },
            long_params_strategy: { type: ['fail', 'truncate', 'tag'] },
          },
        },
      },
    },
    ui: { keys: { port: text, host: text } },
  },
};

export interface ConfigProblem {
  readonly path: readonly string[];
  readonly message: string;
  readonly remedy: string;
  /** A key that no version knows there; its value may be meant for another one. */
  readonly isUnknownKey?: boolean;
}

/** What kedro-mlflow would refuse in a merged mlflow.yml; `version` is the one the image will have, when that is known. */
export async function configProblems(
  document: Readonly<Record<string, unknown>>,
  version?: string,
): Promise<ConfigProblem[]> {
  const isTooOld = version === undefined ? () => false : await olderThan(version);
  return problemsIn(CONFIG, document, []);

  async function problemsIn(
    section: Section,
    value: Readonly<Record<string, unknown>>,
    path: readonly string[],
  ): Promise<ConfigProblem[]> {
    const found = Object.entries(value).map(([key, inner]) => problemsAt(section, [...path, key], inner));
    return (await Promise.all(found)).flat();
  }

  async function problemsAt(section: Section, path: readonly string[], value: unknown): Promise<ConfigProblem[]> {
    const key = path.at(-1) ?? '';
    const spec = Object.hasOwn(section.keys, key) ? section.keys[key] : undefined;
    if (spec === undefined || isGone(spec)) return [await unknownKey(section, path)];
    if (spec.since !== undefined && isTooOld(spec.since)) return [tooNew(path, spec.since)];
    if (!('keys' in spec)) return problemsInValue(spec, value, path);
    return isMapping(value) ? problemsIn(spec, value, path) : [notASection(spec, value, path)];
  }

  function isGone(spec: Spec): boolean {
    if (!('until' in spec)) return false;
    return version === undefined || !isTooOld(spec.until);
  }

  function notASection(spec: Section, value: unknown, path: readonly string[]): ConfigProblem {
    const state = value === null || value === undefined ? 'is empty' : 'is not a section';
    const remedy = `add keys such as ${Object.keys(spec.keys)[0] ?? ''} below it, or remove the line`;
    return { path, message: `${path.join('.')} in mlflow.yml ${state}`, remedy };
  }

  function tooNew(path: readonly string[], since: string): ConfigProblem {
    return {
      path,
      message: `kedro-mlflow ${version ?? ''} does not support ${path.join('.')}, which was added in ${since}`,
      remedy: `remove the key, or require kedro-mlflow>=${since}`,
    };
  }
}

async function unknownKey({ keys }: Section, path: readonly string[]): Promise<ConfigProblem> {
  const key = path.at(-1) ?? '';
  const elsewhere = Object.hasOwn(keys, key) ? undefined : parentOf(CONFIG, key, []);
  const known = Object.entries(keys).flatMap(([name, spec]) => ('until' in spec ? [] : [name]));
  const close = await didYouMean(key, known);
  const remedy =
    close !== undefined
      ? `did you mean ${close}?`
      : elsewhere !== undefined
        ? `move it below ${elsewhere.join('.')}`
        : `remove it; supported here: ${known.join(', ')}`;
  return {
    path,
    message: `${path.join('.')} in mlflow.yml is not a key that kedro-mlflow supports`,
    remedy,
    isUnknownKey: true,
  };
}

/** The section that has a key of this name: `experiment` → `['tracking']`. Configuration from before 0.8 was flatter. */
function parentOf(section: Section, key: string, path: readonly string[]): readonly string[] | undefined {
  for (const [name, spec] of Object.entries(section.keys)) {
    if (!('keys' in spec)) continue;
    if (Object.hasOwn(spec.keys, key)) return [...path, name];
    const deeper = parentOf(spec, key, [...path, name]);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function problemsInValue({ type }: Value, value: unknown, path: readonly string[]): ConfigProblem[] {
  if (accepts(type, value)) return [];
  const wanted = typeof type === 'string' ? type.replace('strict ', '') : `one of ${type.join(', ')}`;
  // The value is not repeated: a password put at the wrong key would be printed.
  const quote = typeof value === 'number' && wanted.startsWith('a string') ? ': put it in quotes' : '';
  return [{ path, message: `${path.join('.')} in mlflow.yml must be ${wanted}`, remedy: `correct the value${quote}` }];
}

/** What pydantic's lax mode takes for a boolean (docs.pydantic.dev, "Conversion table"). */
const BOOLEAN_WORDS = new Set(['0', 'off', 'f', 'false', 'n', 'no', '1', 'on', 't', 'true', 'y', 'yes']);

function accepts(type: Value['type'], value: unknown): boolean {
  if (typeof type !== 'string') return typeof value === 'string' && type.includes(value);
  switch (type) {
    case 'a string':
      return typeof value === 'string';
    case 'a string or null':
      return value === null || typeof value === 'string';
    case 'strict true or false':
      return typeof value === 'boolean';
    case 'true or false':
      return (
        typeof value === 'boolean' ||
        value === 0 ||
        value === 1 ||
        (typeof value === 'string' && BOOLEAN_WORDS.has(value.toLowerCase()))
      );
    case 'a list of strings':
      return Array.isArray(value) && value.every((each) => typeof each === 'string');
    case 'a mapping or null':
      return value === null || isMapping(value);
    case 'a mapping of strings':
      return isMapping(value) && Object.values(value).every((each) => typeof each === 'string');
  }
}

async function olderThan(version: string): Promise<(since: string) => boolean> {
  const { compareVersions, isVersion } = await import('../project/python/pep440.js');
  return (since) => isVersion(version) && compareVersions(version, since) < 0;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
