import { environmentValue } from './run-configuration.js';

/**
 * The variables that a baked image needs from whoever starts it, by its own KDEPLOY_AUTH, each once: Vars lists them in `params`;
 * other types name one under a key that ends in `_variable`.
 */
export function authenticationVariablesIn(imageEnv: readonly string[]): string[] {
  const authentication = environmentValue(imageEnv, 'KDEPLOY_AUTH');
  if (authentication === undefined || authentication === '') return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(authentication);
  } catch {
    // The runtime in the container says what is wrong with it, and stops.
    return [];
  }
  const types = isObject(parsed) && Array.isArray(parsed.types) ? parsed.types.filter(isObject) : [];
  const names = types.flatMap((type) => {
    const params: unknown[] = Array.isArray(type.params) ? type.params : [];
    const named = Object.entries(type).flatMap(([key, value]) => (key.endsWith('_variable') ? [value] : []));
    return [...params, ...named].filter((name) => typeof name === 'string');
  });
  return [...new Set(names)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
