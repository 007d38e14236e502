import { singleSetting, type Layer } from './layer.js';
import type { SettingsWarning } from './settings.js';
import { didYouMean } from './suggestion.js';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export interface SettingsVariable {
  readonly name: string;
  /** The key of kdeploy.yml that it sets. */
  readonly path: readonly string[];
  /** Text as YAML would have it; what makes no sense is left as text for the schema to refuse. */
  readonly read?: (text: string) => unknown;
}

/** Every KDEPLOY_ variable that sets a key of kdeploy.yml (docs/guide.md, "Configuration"). */
export const SETTINGS_VARIABLES: readonly SettingsVariable[] = [
  { name: 'KDEPLOY_IMAGE_NAME', path: ['image', 'name'] },
  { name: 'KDEPLOY_IMAGE_TAGS', path: ['image', 'tags'], read: words },
  { name: 'KDEPLOY_IMAGE_BASE', path: ['image', 'base'] },
  { name: 'KDEPLOY_BUILDER', path: ['image', 'builder'] },
  { name: 'KDEPLOY_PLATFORM', path: ['image', 'platform'] },
  { name: 'KDEPLOY_DOCKERFILE', path: ['image', 'dockerfile'] },
  { name: 'KDEPLOY_UID', path: ['build', 'uid'], read: wholeNumber },
  { name: 'KDEPLOY_GID', path: ['build', 'gid'], read: wholeNumber },
  { name: 'KDEPLOY_MLFLOW_ENABLED', path: ['mlflow', 'enabled'], read: yesOrNo },
  { name: 'KDEPLOY_TRACKING_URI', path: ['mlflow', 'tracking_uri'] },
  { name: 'KDEPLOY_EXPERIMENT', path: ['run_config', 'experiment_name'] },
  { name: 'KDEPLOY_RUN_NAME', path: ['run_config', 'run_name'] },
];

/** KDEPLOY_ variables with another meaning, so that they are not taken for misspelled ones. */
const OTHER_VARIABLES = [
  'KDEPLOY_CACHE_FOLDER',
  'KDEPLOY_KEDRO',
  'KDEPLOY_NODE', // of the Python package (python/)
  'KDEPLOY_NO_EXECUTE',
  'KDEPLOY_PLAIN_HTTP',
  'KDEPLOY_SKIP_HOOK',
  'KDEPLOY_STATE_FOLDER',
  'KDEPLOY_UV',
  'KDEPLOY_VERBOSE',
  // What the runtime in an image reads (templates/runtime).
  'KDEPLOY_AUTH',
  'KDEPLOY_EXPERIMENT_OPTIONS',
  'KDEPLOY_GIT_REVISION',
  'KDEPLOY_EXPECTED',
  'KDEPLOY_IMAGE',
  'KDEPLOY_ON_CHANGED_PARAMETER',
  'KDEPLOY_ON_UNREACHABLE',
  'KDEPLOY_PARAMS',
  'KDEPLOY_RUN_KEY',
  'KDEPLOY_TASK_KEY',
  'KDEPLOY_VERSION',
  'KDEPLOY_WAIT_SECONDS',
];

/** CI systems set variables to nothing when they mean "not set". */
export function variableLayers(variables: EnvironmentVariables): Layer[] {
  return SETTINGS_VARIABLES.flatMap(({ name, path, read = (text) => text }) => {
    const text = variables[name]?.trim();
    return text === undefined || text === '' ? [] : [singleSetting(name, path, read(text))];
  });
}

/** A variable that is nearly one of ours has no effect, and nothing else would tell. */
export async function misspelledVariables(variables: EnvironmentVariables): Promise<SettingsWarning[]> {
  const known = SETTINGS_VARIABLES.map(({ name }) => name);
  const unknown = Object.keys(variables).filter(
    (name) => name.startsWith('KDEPLOY_') && !known.includes(name) && !OTHER_VARIABLES.includes(name),
  );
  const warnings: SettingsWarning[] = [];
  for (const name of unknown) {
    const prefix = 'KDEPLOY_'.length;
    const meant = await didYouMean(
      name.slice(prefix),
      known.map((candidate) => candidate.slice(prefix)),
    );
    if (meant === undefined) continue;
    warnings.push({
      where: name,
      message: 'unknown variable; ignored',
      remedy: `did you mean KDEPLOY_${meant}?`,
    });
  }
  return warnings;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function wholeNumber(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function yesOrNo(text: string): unknown {
  const lower = text.toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(lower)) return true;
  if (['false', 'no', 'off', '0'].includes(lower)) return false;
  return lower;
}
