import { splitTag } from '../flags.js';
import { isMap, readLayer, valueAt, type Layer, type SettingsMap } from '../layer.js';
import { quotedKey, type ConfigurationProblem, type KeyPath } from '../problem.js';
import type { ProjectSource } from '../../../project/sources/source.js';
import type { SettingsWarning } from '../settings.js';
import { didYouMean } from '../suggestion.js';
import type { EnvironmentVariables } from '../variables.js';
import { withAudienceOfParams } from './google-params.js';
import { fillPlaceholders, imageSettings, useGitPlaceholders } from './placeholders.js';
import { pluginSlug } from './slug.js';

/*
 * The configuration of kedro-airflow-k8s (up to 0.8.2), whose successor kdeploy is. An old project must work unchanged, so
 * nothing in these files that kdeploy does not need can be an error.
 */

/** kedro_airflow_k8s/config.py, the properties of PluginConfig and RunConfig. */
const TOP_KEYS = ['host', 'output', 'run_config'];
const RUN_KEYS = [
  ...['image', 'experiment_name', 'run_name', 'authentication'],
  ...['namespace', 'image_pull_policy', 'startup_timeout', 'cron_expression', 'start_date', 'description'],
  ...['image_pull_secrets', 'service_account_name', 'failure_handlers', 'volume', 'secrets', 'macro_params'],
  ...['variables_params', 'env_vars', 'resources', 'external_dependencies', 'kubernetes_pod_templates', 'spark'],
  'group_spark_nodes',
];

/** Whether a path is one of the plugin's files: it read `airflow-k8s*` of each environment (kedro_airflow_k8s/context_helper.py). */
export function isLegacyFile(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`) && /^airflow-k8s[^/]*\.(?:ya?ml|json)$/.test(path.slice(folder.length + 1));
}

/**
 * The legacy files of each folder (`conf/base`, then `conf/<env>`) as layers of kdeploy's own shape; none when there are
 * none. As Kedro 0.17 did it, a top-level key of a later folder replaces the earlier one's as a whole, and may be in one
 * file of a folder only. Without `variables`, placeholders are kept as they are written, for a migration.
 */
export async function readLegacyLayers(
  source: ProjectSource,
  folders: readonly string[],
  variables: EnvironmentVariables | undefined,
  problems: ConfigurationProblem[],
  warnings: SettingsWarning[],
): Promise<Layer[]> {
  const read = await Promise.all(folders.map((folder) => layersOf(source, folder, problems)));
  const layers = read.flat();
  for (const layer of layers) warnings.push(...(await unknownKeys(layer)));
  warnings.push(...unusedKeys(layers));
  const decisive = layers.findLast((layer) => Object.hasOwn(layer.value, 'run_config'));
  return layers.map((layer) => (layer === decisive ? translate(layer, variables, warnings) : { ...layer, value: {} }));
}

async function layersOf(source: ProjectSource, folder: string, problems: ConfigurationProblem[]): Promise<Layer[]> {
  const files = (await source.list(folder)).filter((path) => isLegacyFile(path, folder));
  const read = await Promise.all(files.map((file) => readLayer(source, [file], problems)));
  const layers = read.filter((layer) => layer !== undefined);
  const [first, second] = layers.filter((layer) => Object.hasOwn(layer.value, 'run_config'));
  if (first !== undefined && second !== undefined)
    problems.push({
      ...second.originOf(['run_config']),
      key: 'run_config',
      message: `run_config is also in ${first.name}; Kedro accepts a key in one file of an environment only`,
      remedy: 'keep it in one of the two files',
    });
  return layers;
}

function translate(layer: Layer, variables: EnvironmentVariables | undefined, warnings: SettingsWarning[]): Layer {
  const { run_config: written } = layer.value;
  if (!isMap(written))
    return { ...layer, value: written === null || written === undefined ? {} : { run_config: written } };

  const run = withAudienceOfParams(layer, written, warnings);
  const known = Object.entries(run).filter(([key]) => RUN_KEYS.includes(key) && key !== 'image');
  const resolved = known.map(([key, value]) => [key, resolve(key, value, variables)] as const);
  const image = imageSettings(run.image, variables);
  if (image === undefined && typeof run.image === 'string') {
    warnings.push({
      ...layer.originOf(['run_config', 'image']),
      ...(variables === undefined
        ? {
            message: 'run_config.image was not migrated: kdeploy.yml does not fill in its placeholders',
            remedy: 'set image.name, or KDEPLOY_IMAGE_NAME where CI knows the values',
          }
        : {
            message: 'run_config.image is ignored: it contains placeholders without a value',
            remedy: 'set the KEDRO_CONFIG_<NAME> variables, set KDEPLOY_IMAGE_NAME, or pass --image',
          }),
    });
  }
  warnings.push(...slugWarning(layer, run));
  return {
    name: layer.name,
    value: { run_config: Object.fromEntries(resolved), ...(image === undefined ? {} : { image }) },
    originOf: (path) => layer.originOf(writtenPath(path)),
  };
}

function resolve(key: string, value: unknown, variables: EnvironmentVariables | undefined): unknown {
  if (key === 'experiment_name') return fillPlaceholders(value, variables);
  if (key !== 'run_name') return value;
  const withCommit =
    typeof value === 'string' ? useGitPlaceholders(value, { commit_id: '{git.sha}' }, variables) : value;
  return fillPlaceholders(withCommit, variables);
}

/**
 * What kedro-airflow-k8s understood in a run_config that was moved to kdeploy.yml as it is: its `image` becomes image.name
 * and image.tags, the params of GoogleOAuth2 its audience.
 */
export function withLegacyRunConfig(layer: Layer, warnings: SettingsWarning[]): Layer {
  const { run_config: written, image, ...rest } = layer.value;
  if (!isMap(written)) return layer;
  const run = withAudienceOfParams(layer, written, warnings);
  if (typeof run.image !== 'string') return { ...layer, value: { ...layer.value, run_config: run } };
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

/** kdeploy's image.name and image.tags are one key there. */
function writtenPath(path: KeyPath): KeyPath {
  return path[0] === 'image' ? ['run_config', 'image'] : path;
}

/** The DAG of kedro-airflow-k8s logged to the slug of the name; whoever looks for the runs should not have to find out. */
function slugWarning(layer: Layer, run: SettingsMap): SettingsWarning[] {
  const name = run.experiment_name;
  if (typeof name !== 'string' || name.includes('${')) return [];
  const slug = pluginSlug(name);
  if (slug === name) return [];
  return [
    {
      ...layer.originOf(['run_config', 'experiment_name']),
      message: `kedro-airflow-k8s logged to ${slug === undefined ? 'an experiment named in ASCII, lower case and dashes' : `the experiment "${slug}"`}; kdeploy uses the name as it is written`,
      remedy: `to keep logging to the old experiment, set experiment_name${slug === undefined ? " to that experiment's name in MLflow" : `: ${slug}`}`,
    },
  ];
}

const UNUSED_RUN_KEYS = ['spark', 'group_spark_nodes'];

/** Keys of the plugin that no command of kdeploy uses, in one warning: they are not needed, but nobody should count on them. */
function unusedKeys(layers: readonly Layer[]): SettingsWarning[] {
  const paths = layers.flatMap((layer) => {
    const run = layer.value.run_config;
    const top = TOP_KEYS.filter((key) => key !== 'run_config' && Object.hasOwn(layer.value, key)).map((key) => [key]);
    const inRun = UNUSED_RUN_KEYS.filter((key) => isMap(run) && Object.hasOwn(run, key));
    return [...top, ...inRun.map((key) => ['run_config', key])].map((path) => ({ path, layer }));
  });
  const [first] = paths;
  if (first === undefined) return [];
  const keys = [...new Set(paths.map(({ path }) => path.join('.')))];
  const verb = keys.length === 1 ? 'is not used by kdeploy' : 'are not used by kdeploy';
  return [{ ...first.layer.originOf(first.path), message: `${keys.join(', ')} ${verb}` }];
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
