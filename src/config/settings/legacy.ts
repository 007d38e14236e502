import { splitTag } from './flags.js';
import { isMap, readLayer, valueAt, type Layer, type SettingsMap } from './layer.js';
import { quotedKey, type ConfigurationProblem, type KeyPath } from './problem.js';
import type { ProjectSource } from '../../project/sources/source.js';
import type { SettingsWarning } from './settings.js';
import { didYouMean } from './suggestion.js';
import type { EnvironmentVariables } from './variables.js';

/*
 * The configuration of kedro-airflow-k8s (up to 0.8.2), whose successor kdeploy is. An old project must work unchanged, so
 * nothing in this file that kdeploy does not need can be an error.
 */

/** kedro_airflow_k8s/config.py, the properties of PluginConfig and RunConfig. */
const TOP_KEYS = ['host', 'output', 'run_config'];
const RUN_KEYS = [
  ...['image', 'experiment_name', 'run_name', 'authentication', 'namespace', 'image_pull_policy', 'startup_timeout'],
  ...['cron_expression', 'start_date', 'description', 'image_pull_secrets', 'service_account_name', 'failure_handlers'],
  ...['volume', 'secrets', 'macro_params', 'variables_params', 'env_vars', 'resources', 'external_dependencies'],
  ...['kubernetes_pod_templates', 'spark', 'group_spark_nodes'],
];

export function legacyFiles(folder: string): string[] {
  return [`${folder}/airflow-k8s.yaml`, `${folder}/airflow-k8s.yml`];
}

/**
 * The legacy file of each folder (`conf/base`, then `conf/<env>`) as one layer of kdeploy's own shape; `undefined` when
 * there is none. As Kedro 0.17 did it, a top-level key of the later file replaces the earlier one's as a whole.
 */
export async function readLegacyLayers(
  source: ProjectSource,
  folders: readonly string[],
  variables: EnvironmentVariables,
  problems: ConfigurationProblem[],
  warnings: SettingsWarning[],
): Promise<Layer[]> {
  const read = await Promise.all(folders.map((folder) => readLayer(source, legacyFiles(folder), problems)));
  const layers = read.filter((layer) => layer !== undefined);
  for (const layer of layers) warnings.push(...(await unknownKeys(layer)));
  const decisive = layers.findLast((layer) => Object.hasOwn(layer.value, 'run_config'));
  return layers.map((layer) => (layer === decisive ? translate(layer, variables, warnings) : { ...layer, value: {} }));
}

function translate(layer: Layer, variables: EnvironmentVariables, warnings: SettingsWarning[]): Layer {
  const { run_config: run } = layer.value;
  if (!isMap(run)) return { ...layer, value: run === null || run === undefined ? {} : { run_config: run } };

  const known = Object.entries(run).filter(([key]) => RUN_KEYS.includes(key) && key !== 'image');
  const resolved = known.map(
    ([key, value]) => [key, RESOLVED_KEYS.includes(key) ? resolveText(value, variables) : value] as const,
  );
  const image = imageSettings(resolveText(withGitPlaceholders(run.image, variables), variables));
  if (image === undefined && typeof run.image === 'string') {
    warnings.push({
      ...layer.originOf(['run_config', 'image']),
      message: 'run_config.image is ignored: it contains placeholders without a value',
      remedy: 'set the KEDRO_CONFIG_<NAME> variables, set KDEPLOY_IMAGE_NAME, or pass --image',
    });
  }
  warnings.push(...slugWarning(layer, run));
  return {
    name: layer.name,
    value: { run_config: Object.fromEntries(resolved), ...(image === undefined ? {} : { image }) },
    originOf: (path) => layer.originOf(writtenPath(path)),
  };
}

/** run_config.image, for those who move their run_config to kdeploy.yml as it is: the same as image.name and image.tags. */
export function withImageOfRunConfig(layer: Layer, warnings: SettingsWarning[]): Layer {
  const { run_config: run, image, ...rest } = layer.value;
  if (!isMap(run) || typeof run.image !== 'string') return layer;
  const others = Object.entries(run).filter(([key]) => key !== 'image');
  warnings.push({
    ...layer.originOf(['run_config', 'image']),
    message: 'run_config.image is a key of kedro-airflow-k8s',
    remedy: 'use image.name instead, with the tag in image.tags',
  });
  const { name, tag } = splitTag(run.image);
  const own = isMap(image) ? image : {};
  const moved = { name, ...(tag === undefined ? {} : { tags: [tag] }), ...own };
  return {
    name: layer.name,
    value: {
      ...rest,
      run_config: Object.fromEntries(others),
      image: image === undefined || isMap(image) ? moved : image,
    },
    originOf: (path) =>
      layer.originOf(path[0] === 'image' && valueAt(own, path.slice(1)) === undefined ? ['run_config', 'image'] : path),
  };
}

const RESOLVED_KEYS = ['experiment_name', 'run_name'];

/** kdeploy's image.name and image.tags are one key there. */
function writtenPath(path: KeyPath): KeyPath {
  return path[0] === 'image' ? ['run_config', 'image'] : path;
}

/**
 * kedro-airflow-k8s filled `${commit_id|dirty}` from KEDRO_CONFIG_COMMIT_ID, with the default behind the bar. What has
 * neither stays as it is. A number is a name that lacks its quotes.
 */
function resolveText(value: unknown, variables: EnvironmentVariables): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value;
  return value.replaceAll(
    /\$\{(\w+)(?:\|([^{}]*))?\}/g,
    (written, name: string, fallback?: string) =>
      variables[`KEDRO_CONFIG_${name.toUpperCase()}`] ?? fallback ?? written,
  );
}

/**
 * The image was built elsewhere, and CI told the commit; now that kdeploy builds it, the commit is known without CI, and
 * is a better tag than the default of `${commit_id|dirty}`.
 */
function withGitPlaceholders(image: unknown, variables: EnvironmentVariables): unknown {
  if (typeof image !== 'string') return image;
  const { name, tag } = splitTag(image);
  if (tag === undefined) return image;
  const known = [
    ['commit_id', '{git.sha}'],
    ['branch_name', '{git.branch}'],
  ] as const;
  const filled = known
    .filter(([variable]) => variables[`KEDRO_CONFIG_${variable.toUpperCase()}`] === undefined)
    .reduce(
      (text, [variable, own]) => text.replaceAll(new RegExp(`\\$\\{${variable}(?:\\|[^{}]*)?\\}`, 'g'), own),
      tag,
    );
  return `${name}:${filled}`;
}

function imageSettings(image: unknown): SettingsMap | undefined {
  if (typeof image !== 'string' || image === '') return undefined;
  const { name, tag } = splitTag(
    image.replaceAll('${commit_id}', '{git.sha}').replaceAll('${branch_name}', '{git.branch}'),
  );
  if (/\$\{|[{}]/.test(name) || tag?.includes('${') === true) return undefined;
  return { name, ...(tag === undefined ? {} : { tags: [tag] }) };
}

/** The DAG of kedro-airflow-k8s logged to the slug of the name; whoever looks for the runs should not have to find out. */
function slugWarning(layer: Layer, run: SettingsMap): SettingsWarning[] {
  const name = run.experiment_name;
  if (typeof name !== 'string' || name.includes('${')) return [];
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (slug === name) return [];
  return [
    {
      ...layer.originOf(['run_config', 'experiment_name']),
      message: `kedro-airflow-k8s logged to the experiment "${slug}"; kdeploy uses the name as it is written`,
      remedy: `to keep logging to the old experiment, set experiment_name: ${slug}`,
    },
  ];
}

async function unknownKeys(layer: Layer): Promise<SettingsWarning[]> {
  const run = layer.value.run_config;
  const unknown = [
    ...Object.keys(layer.value)
      .filter((key) => !TOP_KEYS.includes(key))
      .map((key) => ({ path: [key], known: TOP_KEYS })),
    ...Object.keys(isMap(run) ? run : {})
      .filter((key) => !RUN_KEYS.includes(key))
      .map((key) => ({ path: ['run_config', key], known: RUN_KEYS })),
  ];
  return Promise.all(
    unknown.map(async ({ path, known }) => {
      const key = path.at(-1) ?? '';
      const meant = await didYouMean(key, known);
      return {
        ...layer.originOf(path),
        message: `unknown key ${quotedKey(key)}; ignored`,
        ...(meant === undefined ? {} : { remedy: `did you mean "${meant}"?` }),
      };
    }),
  );
}
