import type { RemoteLocation } from '../../git/remote-url.js';
import { DEFAULT_SETTINGS, type Settings, type SettingsWarning } from '../settings/settings.js';
import type { Migration } from './migration.js';

/** What `kdeploy init` knows of a project. */
export interface InitialConfig {
  readonly projectName: string;
  /** What the image is called where nothing better is known. */
  readonly packageName: string;
  /** `undefined` when the project is in no git repository. */
  readonly repository:
    | {
        readonly remote: RemoteLocation | undefined;
        /** The project's folder in the repository: `''` at its root, `pipelines/churn` in a larger one. */
        readonly folder: string;
      }
    | undefined;
  /** The image given with --image, if any; with or without a tag. */
  readonly image: { readonly name: string; readonly tags?: readonly string[] } | undefined;
  /** What kedro-airflow-k8s's file says, which is no longer read once there is a kdeploy.yml. */
  readonly legacy: { readonly file: string; readonly settings: Settings; readonly migration: Migration } | undefined;
  /** The JSON Schema as an editor finds it from conf/base, when it can. */
  readonly schema: string | undefined;
}

/** Turns data into YAML; the `yaml` package's, handed in so that this stays free of loading it. */
export type ToYaml = (value: unknown) => string;

/** Fills templates/kdeploy.yml. What is not known is left as a comment: a wrong value would be believed. */
export function renderInitialConfig(template: string, config: InitialConfig, toYaml: ToYaml): string {
  const { legacy } = config;
  const run = legacy?.settings.runConfig;
  const value = (data: unknown, indent: string) => indented(toYaml(data), indent);
  const setting = (key: string, data: string | null | undefined, example: string) =>
    data === null || data === undefined ? `  # ${key}: ${example}` : value({ [key]: data }, '  ');
  const name = imageOf(config)?.name;

  const parts: Readonly<Record<string, string>> = {
    schema_line: config.schema === undefined ? '' : `# yaml-language-server: $schema=${config.schema}`,
    project: singleLine(config.projectName),
    image_name: setting('name', name, suggestedImage(config)),
    tags: `[${tagsOf(config)
      .map((tag) => JSON.stringify(tag))
      .join(', ')}]`,
    experiment_name: setting('experiment_name', run?.experimentName, singleLine(config.packageName)),
    run_name: setting('run_name', run?.runName, `${slug(config.packageName)}-{dag.run_id}`),
    authentication:
      run === undefined || run.authentication.length === 0
        ? AUTHENTICATION_EXAMPLES
        : value({ authentication: oneOrList(run.authentication.map(withoutNulls)) }, '  '),
    airflow: legacy === undefined ? AIRFLOW_EXAMPLES : airflowOf(legacy, value),
  };
  const text = template.replaceAll(/\{\{(\w+)\}\}/g, (_token, part: string) => required(parts, part));
  return `${text.trim()}\n`;
}

/** The image as it is known for sure: from --image, else from the legacy file. */
export function imageOf({
  image,
  legacy,
}: InitialConfig): { readonly name: string; readonly tags?: readonly string[] } | undefined {
  if (image !== undefined) return image;
  const settings = legacy?.settings.image;
  if (settings === undefined || settings.name === null) return undefined;
  const { name, tags } = settings;
  // `latest` alone is what an image without a tag has.
  return tags.join() === DEFAULT_SETTINGS.image.tags.join() ? { name } : { name, tags };
}

function tagsOf(config: InitialConfig): readonly string[] {
  const tags = imageOf(config)?.tags;
  if (tags !== undefined && tags.length > 0) return tags;
  return config.repository === undefined ? ['latest'] : ['{git.sha}', 'latest'];
}

/** Hosts whose own registry is the likeliest place; nobody else's can be guessed. */
const REGISTRIES: Readonly<Record<string, string>> = { 'github.com': 'ghcr.io', 'gitlab.com': 'registry.gitlab.com' };

/** Only ever a comment: an image pushed to a guessed place could become public. */
function suggestedImage({ repository, packageName }: InitialConfig): string {
  const own = slug(packageName) || 'pipeline';
  const remote = repository?.remote;
  const registry = remote === undefined ? undefined : REGISTRIES[remote.host];
  const path = (remote?.path ?? '')
    .split('/')
    .map(slug)
    .filter((part) => part !== '');
  if (registry === undefined || path.length === 0) return `registry.example.com/team/${own}`;
  return [registry, ...path, ...(repository?.folder === '' ? [] : [own])].join('/');
}

const AUTHENTICATION_EXAMPLES = `  # With GoogleOAuth2 the container sends an ID token of its service account, as Google IAP requires. The
  # audience is the one that the token is issued for; null uses the container's variable GOOGLE_AUDIENCE.
  # authentication:
  #   type: GoogleOAuth2
  #   audience: null

  # With Vars it uses variables that it is passed, for example by Airflow.
  # authentication:
  #   type: Vars
  #   params: ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]

  # The other types are OIDC (an OpenID provider such as Keycloak) and TokenFile (a token that Kubernetes writes).`;

const AIRFLOW_EXAMPLES = `
  # For \`kdeploy dag\`: when and how Airflow runs the pipeline. The guide lists all keys.
  # schedule: "@daily"
  # start_date: "2024-01-01"
  # namespace: airflow
  # resources:
  #   __default__:
  #     requests: {cpu: 500m, memory: 2Gi}
  # env_vars:
  #   STAGE: prod
  #   DB_URL: {from_variable: db_url}

# The files that \`kdeploy dag\` writes.
# dag:
#   target: kubernetes
#   group_by: memory`;

/** The keys that are kept, and in comments what became of the others: the old file is no longer read. */
function airflowOf(
  { file, migration: { airflow, notes } }: NonNullable<InitialConfig['legacy']>,
  toYaml: (data: unknown, indent: string) => string,
): string {
  const kept =
    Object.keys(airflow).length === 0
      ? ''
      : `\n  # For the Airflow DAG, migrated from ${file}.\n${toYaml(airflow, '  ')}`;
  const lines = notes.map((note) => `  # - ${singleLine(noteText(note))}`);
  return kept + (lines.length === 0 ? '' : `\n\n  # Not as in ${file}:\n${lines.join('\n')}`);
}

function noteText({ message, remedy }: SettingsWarning): string {
  return remedy === undefined ? message : `${message} (${remedy})`;
}

/** As a registry takes it in a path. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/[._-]{2,}/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '');
}

/** A name from pyproject.toml may contain line breaks, which would end the comment it is in. */
function singleLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function indented(yaml: string, indent: string): string {
  return yaml
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? line : indent + line))
    .join('\n');
}

function withoutNulls(entry: object): object {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
}

function oneOrList(entries: readonly object[]): unknown {
  return entries.length === 1 ? entries[0] : entries;
}

function required(parts: Readonly<Record<string, string>>, part: string): string {
  const text = parts[part];
  if (text === undefined) throw new Error(`templates/kdeploy.yml has an unknown placeholder, ${part}`);
  return text;
}
