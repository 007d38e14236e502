import { KdeployError, type Place } from '../../errors.js';
import type { ProjectSource } from '../../project/sources/source.js';
import { configuredValues } from './configured-values.js';
import { flagLayers, type SettingsFlags } from './flags.js';
import { asWritten, isMap, mergeMaps, readLayer, valueAt, type Layer, type SettingsMap } from './layer.js';
import { readLegacyLayers, withLegacyRunConfig } from './legacy/legacy-layers.js';
import { normalise } from './normalise.js';
import { ConfigurationError, dotted, type ConfigurationProblem, type KeyPath, type SettingOrigin } from './problem.js';
import type { Configuration } from './schema.js';
import type { Settings, SettingsWarning } from './settings.js';
import { misspelledVariables, variableLayers, type EnvironmentVariables } from './variables.js';

export interface LoadOptions {
  readonly source: ProjectSource;
  /** Kedro's run environment: `local`, `prod`. */
  readonly env: string;
  /** Kedro's base environment, which settings.py may rename. */
  readonly baseEnv?: string;
  /** The folder with the environments, which settings.py may rename; default `conf`. */
  readonly confSource?: string;
  readonly environmentVariables: EnvironmentVariables;
  readonly flags?: SettingsFlags;
  /** Whether the legacy file is read to be written as kdeploy.yml: its placeholders are then kept, with warnings. */
  readonly migrating?: boolean;
}

/** The folder's kdeploy.yml; the longer ending is read as well, since Kedro reads both for its own files. */
export function configurationFiles(folder: string): string[] {
  return [`${folder}/kdeploy.yml`, `${folder}/kdeploy.yaml`];
}

/**
 * The settings that hold: kdeploy.yml of the base environment, overlaid by the run environment's (or, where neither
 * exists, kedro-airflow-k8s's file), then KDEPLOY_ variables, then flags.
 * Throws ConfigurationError with everything that is wrong.
 */
export async function loadSettings(options: LoadOptions): Promise<Settings> {
  const problems: ConfigurationProblem[] = [];
  const warnings: SettingsWarning[] = [];
  const dagProblems: ConfigurationProblem[] = [];
  const files = await fileLayers(options, problems, warnings);
  const layers = [
    ...files.layers,
    ...variableLayers(options.environmentVariables),
    ...flagLayers(options.flags ?? {}, problems),
  ];
  warnings.push(...(await misspelledVariables(options.environmentVariables)));

  const merged = layers.reduce<SettingsMap>((below, layer) => mergeMaps(below, layer.value), {});
  const isEmpty = Object.keys(merged).length === 0;
  const configuration = isEmpty
    ? {}
    : await check(merged, layers, files.isLegacy, options.migrating === true, { problems, warnings, dagProblems });

  const [first, ...others] = problems.sort(byPlace);
  if (first !== undefined) throw new ConfigurationError([first, ...others]);
  return {
    ...configuredValues(configuration),
    sources: [...new Set(layers.map(({ name }) => name))],
    warnings,
    places: placesOf(layers),
    dagProblems: dagProblems.sort(byPlace),
  };
}

async function fileLayers(
  { source, env, baseEnv = 'base', confSource = 'conf', environmentVariables, migrating = false }: LoadOptions,
  problems: ConfigurationProblem[],
  warnings: SettingsWarning[],
): Promise<{ layers: Layer[]; isLegacy: boolean }> {
  if (!/^\w[\w.-]*$/.test(env)) {
    throw new KdeployError('usage', `the environment name is not valid for a folder in ${confSource}/`, {
      hint: 'use letters, digits, ".", "_" and "-": --env prod',
    });
  }
  const folders = [...new Set([baseEnv, env])].map((name) => `${confSource}/${name}`);
  const read = await Promise.all(folders.map((folder) => readLayer(source, configurationFiles(folder), problems)));
  const layers = read.filter((layer) => layer !== undefined).map((layer) => withLegacyRunConfig(layer, warnings));
  if (layers.length > 0) return { layers, isLegacy: false };
  const variables = migrating ? undefined : environmentVariables;
  return { layers: await readLegacyLayers(source, folders, variables, problems, warnings), isLegacy: true };
}

/** Schema and rules. Returns what is usable; the caller looks at `problems` first. */
async function check(
  merged: SettingsMap,
  layers: readonly Layer[],
  isLegacy: boolean,
  migrating: boolean,
  { problems, warnings, dagProblems }: Found,
): Promise<Configuration> {
  // Loaded here: a project without any configuration need not wait for zod.
  const [{ validate }, { noInterpolations, RULES }, { AIRFLOW_RULES, DAG_RULES }] = await Promise.all([
    import('./validate.js'),
    import('./rules.js'),
    import('./airflow/airflow-rules.js'),
  ]);
  let settings = normalise(merged);
  let validation = await validate(settings, merged);

  if (isLegacy && 'issues' in validation) {
    const unneeded = validation.issues.filter(({ path }) => path[0] === 'run_config' && !NEEDED_KEYS.includes(path[1]));
    for (const { path, message, remedy } of unneeded) {
      // A migration tells of it in its own words.
      if (!migrating)
        warnings.push({
          ...originOf(path, layers),
          message: `${message}; ${path.length > 2 ? `${dotted(path.slice(0, 2))} is ` : ''}ignored`,
        });
      dagProblems.push(problemAt(originOf(path, layers), path, message, remedy));
    }
    settings = without(
      settings,
      unneeded.map(({ path }) => path[1]),
    );
    validation = await validate(settings, merged);
  }

  for (const issue of 'issues' in validation ? validation.issues : []) {
    const { path, message, remedy } = issue;
    const written = issue.unknownKey === true ? layers.filter((layer) => valueAt(layer.value, path) !== undefined) : [];
    const origins = written.length > 0 ? written.map((layer) => layer.originOf(path)) : [originOf(path, layers)];
    for (const origin of origins) problems.push(problemAt(origin, path, message, remedy));
  }
  for (const rule of RULES) {
    // A migrated placeholder stays in the file, where the next check reports it: a run must not go to another experiment.
    const kept = migrating && rule === noInterpolations;
    await rule(settings, (path, message, remedy) =>
      (kept ? warnings : problems).push(problemAt(originOf(path, layers), path, message, remedy)),
    );
  }
  for (const rule of [...AIRFLOW_RULES, ...DAG_RULES]) {
    const stops = isLegacy || DAG_RULES.includes(rule) ? dagProblems : problems;
    await rule(settings, (path, message, remedy) =>
      stops.push(problemAt(originOf(path, layers), path, message, remedy)),
    );
  }
  return 'configuration' in validation ? validation.configuration : {};
}

interface Found {
  readonly problems: ConfigurationProblem[];
  readonly warnings: SettingsWarning[];
  readonly dagProblems: ConfigurationProblem[];
}

/** What kdeploy itself makes use of in a legacy file; nothing else there may stop an old project. */
const NEEDED_KEYS: readonly unknown[] = [undefined, 'experiment_name', 'run_name', 'authentication'];

function without(settings: SettingsMap, runKeys: readonly unknown[]): SettingsMap {
  const run = Object.entries((settings.run_config ?? {}) as SettingsMap).filter(([key]) => !runKeys.includes(key));
  return { ...settings, run_config: Object.fromEntries(run) };
}

function problemAt(
  origin: SettingOrigin,
  path: KeyPath,
  message: string,
  remedy: string | undefined,
): ConfigurationProblem {
  return { ...origin, key: dotted(path), message, ...(remedy === undefined ? {} : { remedy }) };
}

/** As one reads: file by file, from the top; what has no place comes last. */
function byPlace(one: ConfigurationProblem, other: ConfigurationProblem): number {
  if (one.place === undefined || other.place === undefined)
    return Number(one.place === undefined) - Number(other.place === undefined);
  return one.place.file.localeCompare(other.place.file) || (one.place.line ?? 0) - (other.place.line ?? 0);
}

/** Who gave the value at a path: the last layer that has it, or for what is missing the one that has its parent. */
function originOf(path: KeyPath, layers: readonly Layer[]): SettingOrigin {
  for (let length = path.length; length > 0; length--) {
    const parent = path.slice(0, length);
    const layer = layers.findLast(({ value }) => valueAt(value, parent) !== undefined);
    if (layer !== undefined) return layer.originOf(asWritten(layer.value, path));
  }
  return layers.at(-1)?.originOf([]) ?? { where: 'the configuration' };
}

/** Of the keys that `kdeploy dag` reads, as far as they are in a file. */
function placesOf(layers: readonly Layer[]): Readonly<Record<string, Place>> {
  const paths = ['run_config', 'dag'].flatMap((section) => {
    const keys = layers.flatMap(({ value }) => (isMap(value[section]) ? Object.keys(value[section]) : []));
    return [...new Set(keys)].map((key): KeyPath => [section, key]);
  });
  return Object.fromEntries(
    paths.flatMap((path) => {
      const { place } = originOf(path, layers);
      return place === undefined ? [] : [[dotted(path), place]];
    }),
  );
}
