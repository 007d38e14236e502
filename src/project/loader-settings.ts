import type { Project } from './project.js';
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

/** The names alone; each is Kedro's default where settings.py does not give it, or computes it. */
export type EnvironmentNames = Pick<LoaderSettings, 'confSource' | 'baseEnvironment' | 'defaultRunEnvironment'> & {
  /** False when settings.py computes one of them, so that only the project's Kedro can tell. */
  readonly isCertain: boolean;
};

/**
 * Where the folders with configuration are, whatever else settings.py says of how they are read: kdeploy.yml lies in
 * them as well, and is needed before Kedro could be asked.
 */
export function readEnvironmentNames(source: string): EnvironmentNames {
  const settings = readLoaderSettings(source);
  if (settings !== undefined) return { ...settings, isCertain: true };
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

function fromMap(literal: unknown, key: string): unknown {
  return literal instanceof Map ? literal.get(key) : undefined;
}

function saysNothingOfMlflow(setting: unknown): boolean {
  if (setting === undefined) return true;
  return setting !== NOT_LITERAL && setting instanceof Map && !setting.has('mlflow');
}

function isPlainFolder(folder: string): boolean {
  return /^[\w-]+(?:\/[\w-]+)*$/.test(folder);
}
