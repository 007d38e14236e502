import { NOT_LITERAL, readAssignments, type PythonLiteral } from './python-literal.js';

/** How the project's settings.py tells Kedro to find configuration. */
export interface LoaderSettings {
  /** Relative to the project: `conf`. */
  readonly confSource: string;
  readonly baseEnvironment: string;
  /** The environment of a `kedro run` without --env: `local`. */
  readonly defaultRunEnvironment: string;
}

/** What Kedro assumes where settings.py says nothing (kedro/framework/project/__init__.py, _ProjectSettings). */
export const DEFAULT_LOADER_SETTINGS: LoaderSettings = {
  confSource: 'conf',
  baseEnvironment: 'base',
  defaultRunEnvironment: 'local',
};

const SETTINGS = ['CONF_SOURCE', 'CONFIG_LOADER_CLASS', 'CONFIG_LOADER_ARGS'];

/**
 * Reads settings.py without running it. `undefined` when that cannot be done faithfully (computed values, another
 * loader, patterns or a merge strategy for mlflow.yml): then only the project's own Kedro knows.
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
  const environments = args === undefined ? DEFAULT_LOADER_SETTINGS : environmentsIn(args.value);
  const folder = confSource === undefined ? DEFAULT_LOADER_SETTINGS.confSource : confSource.value;
  if (environments === undefined || typeof folder !== 'string' || !isPlainFolder(folder)) return undefined;
  const { baseEnvironment, defaultRunEnvironment } = environments;
  return { confSource: folder, baseEnvironment, defaultRunEnvironment };
}

function environmentsIn(args: PythonLiteral): Omit<LoaderSettings, 'confSource'> | undefined {
  if (!(args instanceof Map)) return undefined;
  const base: unknown = args.get('base_env');
  const run: unknown = args.get('default_run_env');
  // Without names Kedro reads the conf folder itself, all environments at once.
  if (typeof base !== 'string' || typeof run !== 'string' || !isPlainFolder(base) || !isPlainFolder(run))
    return undefined;
  return saysNothingOfMlflow(args.get('config_patterns')) &&
    saysNothingOfMlflow(args.get('merge_strategy')) &&
    args.get('ignore_hidden') !== false
    ? { baseEnvironment: base, defaultRunEnvironment: run }
    : undefined;
}

function saysNothingOfMlflow(setting: unknown): boolean {
  if (setting === undefined) return true;
  return setting !== NOT_LITERAL && setting instanceof Map && !setting.has('mlflow');
}

function isPlainFolder(folder: string): boolean {
  return /^[\w-]+(?:\/[\w-]+)*$/.test(folder);
}
