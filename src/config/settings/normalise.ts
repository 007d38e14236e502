import { isMap, type SettingsMap } from './layer.js';

/**
 * Folds the spellings that people may choose from into the one that the schema describes: one thing for a list of one,
 * `authentication: null` for none, a number or a list of names where YAML or kedro-airflow-k8s allow it.
 */
export function normalise(settings: SettingsMap): SettingsMap {
  return within(settings, {
    image: (image) => within(image, { tags: listOfOne }),
    run_config: (run) =>
      within(run, {
        authentication: authenticationList,
        ...Object.fromEntries(NAME_LISTS.map((key) => [key, listOfNames])),
        tags: listOfOne,
        start_date: (value) => (typeof value === 'number' ? String(value) : value),
        volume: (volume) => within(volume, { access_modes: listOfOne }),
      }),
    dag: (dag) => within(dag, { pipelines: listOfOne, group_tags: listOfOne }),
    checks: (checks) => (isMap(checks) ? mapValues(checks, checkLevel) : checks),
  });
}

/** Lists of names, which kedro-airflow-k8s had separated by commas (image_pull_secrets). */
export const NAME_LISTS = ['image_pull_secrets', 'macro_params', 'variables_params'] as const;

/** The keys that may contain one thing instead of a list, for the JSON Schema. */
export const ONE_OR_LIST: readonly (readonly [string, string])[] = [
  ['image', 'tags'],
  ['run_config', 'authentication'],
  ['run_config', 'tags'],
  ['dag', 'pipelines'],
  ['dag', 'group_tags'],
];

function within(value: unknown, changes: Readonly<Record<string, (value: unknown) => unknown>>): SettingsMap {
  if (!isMap(value)) return value as SettingsMap;
  const entries = Object.entries(value).map(([key, inner]) => {
    const change = Object.hasOwn(changes, key) ? changes[key] : undefined;
    return [key, change === undefined ? inner : change(inner)] as const;
  });
  return Object.fromEntries(entries);
}

function mapValues(map: SettingsMap, change: (value: unknown) => unknown): SettingsMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** YAML 1.1, which Kedro reads, takes `off` and `on` without quotes for false and true. */
function checkLevel(value: unknown): unknown {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : value;
}

function listOfOne(value: unknown): unknown {
  return typeof value === 'string' ? [value] : value;
}

function listOfNames(value: unknown): unknown {
  return typeof value === 'string' ? value.split(/[\s,]+/).filter((name) => name !== '') : value;
}

function authenticationList(value: unknown): unknown {
  if (isMap(value)) return authenticationList([value]);
  if (!Array.isArray(value)) return value;
  return (value as unknown[]).filter((entry) => !isNone(entry));
}

/** kedro-airflow-k8s: `type: Null`, which YAML reads as null, is its default and means none. */
function isNone(entry: unknown): boolean {
  return isMap(entry) && Object.hasOwn(entry, 'type') && (entry.type === null || entry.type === 'Null');
}
