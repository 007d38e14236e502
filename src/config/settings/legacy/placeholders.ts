import { splitTag } from '../flags.js';
import type { SettingsMap } from '../layer.js';
import type { EnvironmentVariables } from '../variables.js';

/**
 * kedro-airflow-k8s filled `${commit_id|dirty}` from KEDRO_CONFIG_COMMIT_ID, with the default behind the bar
 * (kedro_airflow_k8s/hooks.py). What has neither stays as it is. A number is a name that lacks its quotes.
 *
 * Without `variables` the file is being migrated: then a default must not be written down for good either, because CI
 * sets the variable and would log, or push, somewhere else.
 */
export function fillPlaceholders(value: unknown, variables: EnvironmentVariables | undefined): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || variables === undefined) return value;
  return value.replaceAll(
    /\$\{(\w+)(?:\|([^{}]*))?\}/g,
    (written, name: string, fallback?: string) => variables[variableOf(name)] ?? fallback ?? written,
  );
}

/**
 * CI told the commit, because the image was built elsewhere; now that kdeploy builds it, the commit is known without CI,
 * and is better than the default of `${commit_id|dirty}`. `known` has kdeploy's placeholder for each of the plugin's.
 */
export function useGitPlaceholders(
  text: string,
  known: Readonly<Record<string, string>>,
  variables: EnvironmentVariables = {},
): string {
  return Object.entries(known)
    .filter(([name]) => variables[variableOf(name)] === undefined)
    .reduce((filled, [name, own]) => filled.replaceAll(new RegExp(`\\$\\{${name}(?:\\|[^{}]*)?\\}`, 'g'), own), text);
}

/** `image.name` and `image.tags` of `run_config.image`; `undefined` where a placeholder in it has no value. */
export function imageSettings(image: unknown, variables: EnvironmentVariables | undefined): SettingsMap | undefined {
  if (typeof image !== 'string' || image === '') return undefined;
  const written = splitTag(image);
  const tag =
    written.tag === undefined
      ? undefined
      : useGitPlaceholders(written.tag, { commit_id: '{git.sha}', branch_name: '{git.branch}' }, variables);
  const filled = fillPlaceholders(tag === undefined ? written.name : `${written.name}:${tag}`, variables);
  const parts = splitTag(String(filled));
  if (/\$\{|[{}]/.test(parts.name) || parts.tag?.includes('${') === true) return undefined;
  return { name: parts.name, ...(parts.tag === undefined ? {} : { tags: [parts.tag] }) };
}

function variableOf(name: string): string {
  return `KEDRO_CONFIG_${name.toUpperCase()}`;
}
