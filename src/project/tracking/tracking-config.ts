import { KdeployError, type Place } from '../../errors.js';
import { projectLoaderSettings, type LoaderSettings } from '../kedro/loader-settings.js';
import { toPlainData, type ConfigMap } from '../kedro/omegaconf/config.js';
import { loadGlobals, loadKind } from '../kedro/omegaconf/kinds.js';
import { matchingName } from '../kedro/omegaconf/patterns.js';
import type { Unresolved } from '../kedro/omegaconf/resolve.js';
import type { Project } from '../project.js';
import { parseYaml, type YamlFile } from '../yaml.js';

/** The project's effective mlflow.yml, merged as Kedro merges it: the run environment's top-level keys over the base's. */
export interface TrackingConfig {
  /** `undefined` when no file was found, or none says anything. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** The files it is made of, lowest precedence first. */
  readonly files: readonly string[];
  /** Where it belongs: `conf/local/mlflow.yml`, or under a name that the patterns of settings.py find. */
  readonly expectedFile: string;
  /**
   * The files that a bake writes: the first gets the configuration, the others become empty. Kedro refuses a key that is
   * in two files of one environment, so what is baked takes the place of what the image may have there.
   */
  readonly bakedFiles: readonly [string, ...string[]];
  readonly trackingUri: PlacedText | undefined;
  readonly registryUri: PlacedText | undefined;
  readonly experimentName: PlacedText | undefined;
  /** Where a key is: `placeOf(['server', 'mlflow_tracking_uri'])`. */
  placeOf(path: readonly (string | number)[]): Place;
  readonly resolvedBy: 'kdeploy' | 'kedro';
}

export interface PlacedText {
  readonly value: string;
  readonly place: Place;
}

/** What the project's own Kedro says; see kedro-config.ts. */
export interface KedroConfig {
  readonly document: Readonly<Record<string, unknown>>;
  readonly files: readonly string[];
  /** The folder of the environment, all of whose files Kedro reads together: `conf/local`. */
  readonly folder: string;
  readonly patterns: readonly string[];
}

export interface TrackingConfigOptions {
  readonly project: Project;
  /** `undefined`: the environment that settings.py makes the default, usually `local`. */
  readonly env: string | undefined;
  /** Asks the project's own Kedro; only called for what cannot be read without it, because it takes seconds. */
  readonly resolveWithKedro: (reason: string) => Promise<KedroConfig>;
}

/**
 * Reads mlflow.yml. Throws KdeployError `configuration` with the place for YAML that is broken or no mapping, and
 * whatever `resolveWithKedro` throws.
 */
export async function readTrackingConfig({
  project,
  env,
  resolveWithKedro,
}: TrackingConfigOptions): Promise<TrackingConfig> {
  const settings = await projectLoaderSettings(project);
  if (settings === undefined) return askKedro('settings.py computes how configuration is loaded');
  const runEnvironment = env ?? settings.defaultRunEnvironment;
  if (/(?:^|\/)\.{1,2}(?:\/|$)|^\/|\\/.test(runEnvironment)) {
    throw new KdeployError('usage', `${runEnvironment} is not a valid name for a Kedro environment`, {
      hint: 'use the name of a folder in conf/: --env prod',
    });
  }

  const folders = [...new Set([settings.baseEnvironment, runEnvironment])].map(
    (name) => `${settings.confSource}/${name}`,
  );
  const folder = `${settings.confSource}/${runEnvironment}`;
  const patterns = settings.patterns.mlflow ?? [];
  const globals = await loadGlobals(project.source, folders, settings);
  const config = await loadKind('mlflow', project.source, folders, settings, globals.resolvers);
  const parsed = config.files.map(({ yaml }) => yaml);
  const files = config.files.map(({ file }) => file);
  const [unreadable] = [...globals.unreadable, ...config.unreadable];
  if (unreadable !== undefined) return askKedro(`${unreadable} contains YAML that PyYAML reads differently`, parsed);
  if (globals.isUncertain) return askKedro('globals.yml uses ${…} in an unusual way', parsed);
  if (isBeforeOmegaConf(project, settings) && JSON.stringify(parsed.map(({ value }) => writable(value))).includes('${'))
    return askKedro('mlflow.yml uses ${…}', parsed);
  if (config.unresolved.some((each) => isForKedro(each, settings))) return askKedro('mlflow.yml uses ${…}', parsed);
  const [refused] = config.unresolved;
  if (refused !== undefined) throw refusedByKedro(refused, parsed);
  return describe({ document: asDocument(config.value), files, folder, patterns }, parsed, 'kdeploy');

  async function askKedro(reason: string, already?: readonly YamlFile[]): Promise<TrackingConfig> {
    const config = await resolveWithKedro(reason);
    return describe(config, already ?? (await parseAll(config.files)), 'kedro');
  }

  async function parseAll(names: readonly string[]): Promise<YamlFile[]> {
    return Promise.all(names.map(async (file) => parseYaml((await project.source.read(file)) ?? '', file)));
  }
}

/** Kedro before 0.19 knew no interpolation, unless settings.py named the newer loader. */
function isBeforeOmegaConf({ kedroVersion }: Project, { namesLoader }: LoaderSettings): boolean {
  return !namesLoader && kedroVersion !== undefined && /^0\.1[0-8]\./.test(kedroVersion);
}

/** A resolver that the project registers itself may well be one that Kedro has taken away. */
function isForKedro({ kind, reason }: Unresolved, { hasOwnResolvers }: LoaderSettings): boolean {
  return kind === 'ask' || (hasOwnResolvers && reason?.includes('oc.env') === true);
}

function refusedByKedro({ path, reason }: Unresolved, parsed: readonly YamlFile[]): KdeployError {
  const place = placeIn(parsed, path);
  const why = reason ?? 'it cannot be resolved';
  return new KdeployError(
    'configuration',
    `Kedro cannot load mlflow.yml: ${path.join('.')} cannot be resolved: ${why}`,
    {
      ...(place === undefined ? {} : { place }),
      hint: why.includes('oc.env')
        ? 'write the value itself, or read it from globals.yml; MLflow reads MLFLOW_TRACKING_URI from the environment by itself'
        : 'add the key to globals.yml in this environment or in base, or set a default: ${globals:key, default}',
    },
  );
}

function writable(value: unknown): unknown {
  return typeof value === 'bigint'
    ? 0
    : Array.isArray(value)
      ? value.map(writable)
      : isMapping(value)
        ? Object.entries(value).map(([key, inner]) => [key, writable(inner)])
        : value;
}

function asDocument(value: ConfigMap): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...value].map(([key, inner]) => [key, toPlainData(inner)]));
}

function describe(
  { document, files, folder, patterns }: KedroConfig,
  parsed: readonly YamlFile[],
  resolvedBy: 'kdeploy' | 'kedro',
): TrackingConfig {
  const expectedFile = `${folder}/${matchingName(patterns, 'mlflow')}`;
  const placeOf = (path: readonly (string | number)[]): Place => {
    return placeIn(parsed, path) ?? { file: files.at(-1) ?? expectedFile };
  };
  const textAt = (...path: readonly string[]): PlacedText | undefined => {
    let value: unknown = document;
    for (const key of path) value = isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return typeof value === 'string' ? { value, place: placeOf(path) } : undefined;
  };
  return {
    document: files.length === 0 ? undefined : document,
    files,
    expectedFile,
    bakedFiles: bakedFiles(files, folder, expectedFile),
    trackingUri: textAt('server', 'mlflow_tracking_uri'),
    registryUri: textAt('server', 'mlflow_registry_uri'),
    experimentName: textAt('tracking', 'experiment', 'name'),
    placeOf,
    resolvedBy,
  };
}

/** Best the file that is expected, else one that is YAML by its name. */
function bakedFiles(files: readonly string[], folder: string, expectedFile: string): readonly [string, ...string[]] {
  const there = files.filter((file) => file.startsWith(`${folder}/`));
  const first = there.find((file) => file === expectedFile) ?? there.find((file) => !file.endsWith('.json'));
  const target = first ?? there[0] ?? expectedFile;
  return [target, ...there.filter((file) => file !== target)];
}

/** In the last of the files that has the key; of several that have a part of the path, the one that has most of it. */
function placeIn(parsed: readonly YamlFile[], path: readonly (string | number)[]): Place | undefined {
  for (let length = path.length; length > 0; length--) {
    const owner = parsed.findLast(({ value }) => has(value, path.slice(0, length)));
    if (owner !== undefined) return owner.placeOf(path);
  }
  return undefined;
}

function has(value: unknown, [key, ...rest]: readonly (string | number)[]): boolean {
  if (key === undefined) return true;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
  return has((value as Readonly<Record<string, unknown>>)[String(key)], rest);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
