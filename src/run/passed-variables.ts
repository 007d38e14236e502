import { environmentValue } from '../image/run-configuration.js';

/** What the cluster would set and a container on this machine gets from the shell: authentication first of all. */
const ALWAYS = [
  'GOOGLE_AUDIENCE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'MLFLOW_RUN_ID',
  'MLFLOW_WORKSPACE',
  'KDEPLOY_RUN_KEY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
] as const;

/** The variable that names a file: the file is mounted as well. */
export const GOOGLE_KEY_FILE = 'GOOGLE_APPLICATION_CREDENTIALS';

/**
 * The variables that are passed into the container, by name: those that the image's own KDEPLOY_AUTH asks for, and a
 * few that orchestrators set. Only what is set here.
 */
export function passedVariables(imageEnv: readonly string[], environment: NodeJS.ProcessEnv): string[] {
  const names = [...namesOf(environmentValue(imageEnv, 'KDEPLOY_AUTH')), ...ALWAYS];
  return [...new Set(names)].filter((name) => {
    const value = environment[name];
    return value !== undefined && value !== '';
  });
}

/** Vars lists its variables in `params`; other types name a variable under a key that ends in `_variable`. */
function namesOf(authentication: string | undefined): string[] {
  if (authentication === undefined || authentication === '') return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(authentication);
  } catch {
    // The runtime in the container says what is wrong with it, and stops.
    return [];
  }
  const types = isObject(parsed) && Array.isArray(parsed.types) ? parsed.types.filter(isObject) : [];
  return types.flatMap((type) => {
    const params: unknown[] = Array.isArray(type.params) ? type.params : [];
    const named = Object.entries(type).flatMap(([key, value]) => (key.endsWith('_variable') ? [value] : []));
    return [...params, ...named].filter((name) => typeof name === 'string');
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
