import { CATALOG_PATTERNS, GLOBALS_PATTERNS, isPlainPattern, MLFLOW_PATTERNS } from './omegaconf/patterns.js';
import type { Project } from '../project.js';
import { readAssignments, type PythonLiteral } from '../python/python-literal.js';

/** How the project's settings.py tells Kedro to find configuration. */
export interface LoaderSettings {
  /** Relative to the project: `conf`. */
  readonly confSource: string;
  readonly baseEnvironment: string;
  /** The environment of a `kedro run` without --env: `local`. */
  readonly defaultRunEnvironment: string;
  /** Which files are read for each kind of configuration; `undefined` where settings.py computes them. */
  readonly patterns: Readonly<Record<ConfigKind, readonly string[] | undefined>>;
  readonly mergeStrategies: Readonly<Record<ConfigKind, MergeStrategy>>;
  /** False where settings.py says nothing: Kedro before 0.19 had another loader then, which knows no `${…}`. */
  readonly namesLoader: boolean;
  /** Whether there may be resolvers besides those of Kedro: `${today:}`. */
  readonly hasOwnResolvers: boolean;
}

export type ConfigKind = 'mlflow' | 'globals' | 'catalog';
export type MergeStrategy = 'soft' | 'destructive';

/** What Kedro assumes where settings.py says nothing (kedro/framework/project/__init__.py, _ProjectSettings). */
export const DEFAULT_LOADER_SETTINGS: LoaderSettings = {
  confSource: 'conf',
  baseEnvironment: 'base',
  defaultRunEnvironment: 'local',
  patterns: { mlflow: MLFLOW_PATTERNS, globals: GLOBALS_PATTERNS, catalog: CATALOG_PATTERNS },
  mergeStrategies: { mlflow: 'destructive', globals: 'destructive', catalog: 'destructive' },
  namesLoader: false,
  hasOwnResolvers: false,
};

const SETTINGS = ['CONF_SOURCE', 'CONFIG_LOADER_CLASS', 'CONFIG_LOADER_ARGS'];

/**
 * Reads settings.py without running it. `undefined` when that cannot be done faithfully (computed values, another
 * loader): then only the project's own Kedro knows.
 */
export function readLoaderSettings(source: string): LoaderSettings | undefined {
  if (/^\s*from\s+\S+\s+import\s*\(?\s*\*/m.test(source)) return undefined;
  const { assignments, names } = readAssignments(source);
  for (const name of SETTINGS) {
    const count = assignments.filter((assignment) => assignment.name === name).length;
    // Set twice, or touched in a way other than a plain assignment: `CONFIG_LOADER_ARGS["base_env"] = …`.
    if (count > 1 || (names.get(name) ?? 0) !== count) return undefined;
  }
  const [confSource, loader, args] = SETTINGS.map((name) => assignments.find((assignment) => assignment.name === name));
  if (loader !== undefined && loader.reference !== 'OmegaConfigLoader') return undefined;
  const folder = confSource === undefined ? DEFAULT_LOADER_SETTINGS.confSource : confSource.value;
  if (typeof folder !== 'string' || !isPlainFolder(folder)) return undefined;
  const given = args === undefined ? DEFAULT_ARGUMENTS : argumentsIn(args.value);
  if (given === undefined) return undefined;
  const hasOwnResolvers = given.hasOwnResolvers || /register_(?:new_)?resolver/.test(source);
  return { ...given, confSource: folder, namesLoader: loader !== undefined, hasOwnResolvers };
}

type Arguments = Omit<LoaderSettings, 'confSource' | 'namesLoader'>;

const DEFAULT_ARGUMENTS: Arguments = DEFAULT_LOADER_SETTINGS;

/** The arguments that OmegaConfigLoader takes; with any other, Kedro stops. */
const ARGUMENTS = new Set([
  'base_env',
  'default_run_env',
  'config_patterns',
  'merge_strategy',
  'custom_resolvers',
  'ignore_hidden',
  'restrict_runtime_params_type_selection',
]);

function argumentsIn(args: PythonLiteral): Arguments | undefined {
  if (!(args instanceof Map) || ![...args.keys()].every((name) => ARGUMENTS.has(String(name)))) return undefined;
  const base: unknown = args.get('base_env');
  const run: unknown = args.get('default_run_env');
  // Without names Kedro reads the conf folder itself, all environments at once.
  if (typeof base !== 'string' || typeof run !== 'string' || !isPlainFolder(base) || !isPlainFolder(run))
    return undefined;
  const patterns = patternsIn(args.get('config_patterns'));
  const mergeStrategies = mergeStrategiesIn(args.get('merge_strategy'));
  if (patterns === undefined || mergeStrategies === undefined || args.get('ignore_hidden') === false) return undefined;
  return {
    baseEnvironment: base,
    defaultRunEnvironment: run,
    patterns,
    mergeStrategies,
    hasOwnResolvers: args.has('custom_resolvers'),
  };
}

const KINDS = ['mlflow', 'globals', 'catalog'] as const;

function patternsIn(setting: unknown): LoaderSettings['patterns'] | undefined {
  const defaults = DEFAULT_LOADER_SETTINGS.patterns;
  if (setting === undefined || setting === null) return defaults;
  if (!(setting instanceof Map)) return undefined;
  const [mlflow, globals, catalog] = KINDS.map((kind) => {
    const given: unknown = setting.has(kind) ? setting.get(kind) : defaults[kind];
    return Array.isArray(given) && given.every((each) => typeof each === 'string' && isPlainPattern(each))
      ? (given as string[])
      : undefined;
  });
  // The catalog is only looked at in passing; without the other two there is nothing to say.
  return mlflow === undefined || globals === undefined ? undefined : { mlflow, globals, catalog };
}

function mergeStrategiesIn(setting: unknown): LoaderSettings['mergeStrategies'] | undefined {
  const defaults = DEFAULT_LOADER_SETTINGS.mergeStrategies;
  if (setting === undefined || setting === null) return defaults;
  if (!(setting instanceof Map)) return undefined;
  const [mlflow, globals, catalog] = KINDS.map((kind): MergeStrategy | undefined => {
    const given: unknown = setting.has(kind) ? setting.get(kind) : 'destructive';
    const name = typeof given === 'string' ? given.toLowerCase() : '';
    return name === 'soft' || name === 'destructive' ? name : undefined;
  });
  return mlflow === undefined || globals === undefined || catalog === undefined
    ? undefined
    : { mlflow, globals, catalog };
}

/** The names alone; each is Kedro's default where settings.py does not give it, or computes it. */
export type EnvironmentNames = Pick<LoaderSettings, 'confSource' | 'baseEnvironment' | 'defaultRunEnvironment'> & {
  /** False when settings.py computes one of them, so that only the project's Kedro can tell. */
  readonly isCertain: boolean;
};

/**
 * Where the folders with configuration are, whatever else settings.py says about how they are read: kdeploy.yml lies in
 * them as well, and is needed before Kedro could be asked.
 */
export function readEnvironmentNames(source: string): EnvironmentNames {
  const settings = readLoaderSettings(source);
  if (settings !== undefined) {
    const { confSource, baseEnvironment, defaultRunEnvironment } = settings;
    return { confSource, baseEnvironment, defaultRunEnvironment, isCertain: true };
  }
  const { assignments } = readAssignments(source);
  const given = (name: string): unknown => assignments.findLast((assignment) => assignment.name === name)?.value;
  const args = given('CONFIG_LOADER_ARGS');
  const names = { conf: given('CONF_SOURCE'), base: fromMap(args, 'base_env'), run: fromMap(args, 'default_run_env') };
  const text = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && isPlainFolder(value) ? value : otherwise;
  return {
    confSource: text(names.conf, DEFAULT_LOADER_SETTINGS.confSource),
    baseEnvironment: text(names.base, DEFAULT_LOADER_SETTINGS.baseEnvironment),
    defaultRunEnvironment: text(names.run, DEFAULT_LOADER_SETTINGS.defaultRunEnvironment),
    isCertain: false,
  };
}

/** The project's settings.py; `undefined` when there is none, and Kedro's defaults hold. */
export async function settingsModule({
  source,
  sourceFolder,
  packageName,
}: Pick<Project, 'source' | 'sourceFolder' | 'packageName'>): Promise<string | undefined> {
  const folder = [sourceFolder, ...packageName.split('.')].filter((part) => part !== '').join('/');
  return (await source.read(`${folder}/settings.py`))?.toString('utf8');
}

/** `readEnvironmentNames` of a project's settings.py. */
export async function environmentNames(
  project: Pick<Project, 'source' | 'sourceFolder' | 'packageName'>,
): Promise<EnvironmentNames> {
  return readEnvironmentNames((await settingsModule(project)) ?? '');
}

/** Of a project; `undefined` when only its own Kedro knows. */
export async function projectLoaderSettings(project: Project): Promise<LoaderSettings | undefined> {
  const text = await settingsModule(project);
  return text === undefined ? DEFAULT_LOADER_SETTINGS : readLoaderSettings(text);
}

function fromMap(literal: unknown, key: string): unknown {
  return literal instanceof Map ? literal.get(key) : undefined;
}

function isPlainFolder(folder: string): boolean {
  return /^[\w-]+(?:\/[\w-]+)*$/.test(folder);
}
