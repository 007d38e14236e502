import { KdeployError, type Place } from '../errors.js';
import { DEFAULT_LOADER_SETTINGS, readLoaderSettings, settingsModule, type LoaderSettings } from './loader-settings.js';
import type { Project } from './project.js';
import { parseYaml, type YamlFile } from './yaml.js';

/** The project's effective mlflow.yml, merged as Kedro merges it: the run environment's top-level keys over the base's. */
export interface TrackingConfig {
  /** `undefined` when no file was found, or none says anything. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  /** The files it is made of, lowest precedence first. */
  readonly files: readonly string[];
  /** Where `kedro mlflow init` would put it, and where it is baked: `conf/local/mlflow.yml`. */
  readonly expectedFile: string;
  readonly trackingUri: PlacedText | undefined;
  readonly registryUri: PlacedText | undefined;
  readonly experimentName: PlacedText | undefined;
  /** Where a key stands: `placeOf(['server', 'mlflow_tracking_uri'])`. */
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
  readonly expectedFile: string;
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
  const settings = await loaderSettings(project);
  if (settings === undefined) return askKedro('settings.py computes how configuration is loaded');
  const runEnvironment = env ?? settings.defaultRunEnvironment;
  if (/(?:^|\/)\.{1,2}(?:\/|$)|^\/|\\/.test(runEnvironment)) {
    throw new KdeployError('usage', `${runEnvironment} is not the name of a Kedro environment`, {
      hint: 'name a folder in conf/: --env prod',
    });
  }

  const environments = [...new Set([settings.baseEnvironment, runEnvironment])];
  const found = await Promise.all(
    environments.map(async (name) =>
      mlflowFiles(`${settings.confSource}/${name}`, await project.source.list(`${settings.confSource}/${name}`)),
    ),
  );
  const expectedFile = `${settings.confSource}/${runEnvironment}/mlflow.yml`;
  const files = found.flat();
  const parsed = await parseAll(files);
  if (found.some((inOne) => inOne.length > 1)) return askKedro('several files match mlflow*', parsed);
  if (parsed.some(({ value }) => needsKedro(value))) return askKedro('mlflow.yml uses ${…}', parsed);

  const documents = parsed.map((file, index) => mapping(file, files[index] ?? ''));
  return describe({ document: merge(documents), files, expectedFile }, parsed, 'kdeploy');

  async function askKedro(reason: string, already?: readonly YamlFile[]): Promise<TrackingConfig> {
    const config = await resolveWithKedro(reason);
    return describe(config, already ?? (await parseAll(config.files)), 'kedro');
  }

  async function parseAll(names: readonly string[]): Promise<YamlFile[]> {
    return Promise.all(names.map(async (file) => parseYaml((await project.source.read(file)) ?? '', file)));
  }
}

async function loaderSettings(project: Project): Promise<LoaderSettings | undefined> {
  const text = await settingsModule(project);
  return text === undefined ? DEFAULT_LOADER_SETTINGS : readLoaderSettings(text);
}

/** kedro-mlflow's patterns `mlflow*`, `mlflow*`+`/**` and `**`+`/mlflow*`, with Kedro's suffixes; hidden files do not count. */
function mlflowFiles(folder: string, files: readonly string[]): string[] {
  return files.filter((file) => {
    const parts = file.slice(folder.length + 1).split('/');
    if (parts.some((part) => part.startsWith('.')) || !/\.(?:ya?ml|json)$/.test(file)) return false;
    return parts[0]?.startsWith('mlflow') === true || parts.at(-1)?.startsWith('mlflow') === true;
  });
}

/**
 * Interpolation, and values that OmegaConf reads differently from other YAML readers (dates). `${km.random_name:}` is
 * kedro-mlflow's own and gives each run its name, so it must stay as it is.
 */
function needsKedro(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${') && !/^\$\{km\.random_name:\s*\}$/.test(value);
  if (Array.isArray(value)) return value.some(needsKedro);
  if (typeof value !== 'object' || value === null) return false;
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  return Object.entries(value).some(([key, inner]) => key.includes('${') || needsKedro(inner));
}

function mapping(yaml: YamlFile, file: string): Readonly<Record<string, unknown>> {
  const { value } = yaml;
  if (value === undefined) return {};
  if (isMapping(value)) return value;
  throw new KdeployError('configuration', `${file} is not a mapping of keys to values`, {
    place: yaml.placeOf([0]),
    hint: 'start from a fresh one: kedro mlflow init --force',
  });
}

/** OmegaConfigLoader's destructive merge: a later file replaces whole top-level keys; those with an underscore are helpers. */
function merge(documents: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const entries = documents.flatMap((document) => Object.entries(document));
  return Object.fromEntries(entries.filter(([key]) => !key.startsWith('_')));
}

function describe(
  { document, files, expectedFile }: KedroConfig,
  parsed: readonly YamlFile[],
  resolvedBy: 'kdeploy' | 'kedro',
): TrackingConfig {
  const placeOf = (path: readonly (string | number)[]): Place => {
    const owner = parsed.findLast(({ value }) => isMapping(value) && Object.hasOwn(value, String(path[0])));
    return owner?.placeOf(path) ?? { file: files.at(-1) ?? expectedFile };
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
    trackingUri: textAt('server', 'mlflow_tracking_uri'),
    registryUri: textAt('server', 'mlflow_registry_uri'),
    experimentName: textAt('tracking', 'experiment', 'name'),
    placeOf,
    resolvedBy,
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
