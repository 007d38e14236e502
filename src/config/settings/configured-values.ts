import type { AuthenticationSettings } from '../../authentication/types.js';
import { DEFAULT_DAG_SETTINGS, type DagSettings, type SecretKey } from './dag-settings.js';
import type { Configuration } from './schema.js';
import { DEFAULT_SETTINGS, type SecretSetting, type Settings } from './settings.js';

/** What the files say, with the defaults filled in; where it is said comes from elsewhere. */
export function configuredValues(
  configuration: Configuration,
): Omit<Settings, 'sources' | 'warnings' | 'places' | 'dagProblems'> {
  const { image: defaultImage, build: defaultBuild, mlflow: defaultMlflow, hook: defaultHook } = DEFAULT_SETTINGS;
  const { image, build, mlflow, hook } = configuration;
  const {
    experiment_name: experimentName,
    run_name: runName,
    authentication,
    ...airflow
  } = configuration.run_config ?? {};
  return {
    image: {
      name: image?.name ?? defaultImage.name,
      tags: image?.tags ?? defaultImage.tags,
      base: image?.base ?? defaultImage.base,
      builder: image?.builder ?? defaultImage.builder,
      platform: image?.platform ?? defaultImage.platform,
      dockerfile: image?.dockerfile ?? defaultImage.dockerfile,
      bytecode: image?.bytecode ?? defaultImage.bytecode,
      layers: {
        budget: image?.layers?.budget ?? defaultImage.layers.budget,
        gzip: image?.layers?.gzip ?? defaultImage.layers.gzip,
      },
      sbom: image?.sbom ?? defaultImage.sbom,
    },
    build: {
      uid: build?.uid ?? defaultBuild.uid,
      gid: build?.gid ?? defaultBuild.gid,
      args: build?.args ?? defaultBuild.args,
      secrets: build?.secrets?.map(toSecret) ?? defaultBuild.secrets,
    },
    mlflow: {
      enabled: mlflow?.enabled ?? defaultMlflow.enabled,
      trackingUri: mlflow?.tracking_uri ?? defaultMlflow.trackingUri,
      onUnreachable: mlflow?.on_unreachable ?? defaultMlflow.onUnreachable,
    },
    runConfig: {
      experimentName: experimentName ?? null,
      runName: runName ?? null,
      authentication: (authentication ?? []).map(toAuthentication),
      variableSecrets: secretsOf(authentication ?? []),
      airflow: withoutEmpty(airflow),
    },
    dag: toDag(configuration.dag),
    checks: withoutEmpty(configuration.checks ?? {}),
    hook: { online: hook?.online ?? defaultHook.online },
  };
}

function toDag(dag: Configuration['dag']): DagSettings | null {
  if (dag === null || dag === undefined) return null;
  const defaults = DEFAULT_DAG_SETTINGS;
  return {
    target: dag.target ?? defaults.target,
    as: dag.as ?? defaults.as,
    pipelines: dag.pipelines ?? defaults.pipelines,
    groupBy: dag.group_by ?? defaults.groupBy,
    groupTags: dag.group_tags ?? defaults.groupTags,
    output: dag.output ?? defaults.output,
    id: dag.id ?? defaults.id,
    maxTasks: dag.max_tasks ?? defaults.maxTasks,
  };
}

/** A key that is left empty counts as left out. */
function withoutEmpty<T extends object>(map: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(map).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** The rules have made sure that there is one of the two. */
function toSecret({
  id,
  env,
  file,
}: {
  id: string;
  env?: string | undefined;
  file?: string | undefined;
}): SecretSetting {
  return env === undefined ? { id, file: file ?? '' } : { id, env };
}

type ConfiguredAuthentication = NonNullable<NonNullable<Configuration['run_config']>['authentication']>[number];

function secretsOf(entries: readonly ConfiguredAuthentication[]): Readonly<Record<string, SecretKey>> {
  const params = entries.flatMap((entry) => (entry.type === 'Vars' ? entry.params : []));
  return Object.fromEntries(
    params.flatMap((param) => (typeof param === 'string' ? [] : [[param.name, param.from_secret]])),
  );
}

/** Every key is there afterwards: the runtime in the image refuses settings that lack one. */
function toAuthentication(entry: ConfiguredAuthentication): AuthenticationSettings {
  switch (entry.type) {
    case 'Vars':
      // Where a value comes from is the DAG's matter; the image is told names.
      return {
        type: entry.type,
        params: entry.params.map((param) => (typeof param === 'string' ? param : param.name)),
      };
    case 'GoogleOAuth2':
      return { type: entry.type, audience: entry.audience ?? null, header: entry.header ?? 'Authorization' };
    case 'TokenFile':
      return { type: entry.type, path: entry.path, header: entry.header ?? 'Authorization' };
    case 'OIDC':
      return {
        type: entry.type,
        issuer: entry.issuer,
        client_id: entry.client_id,
        client_secret_variable: entry.client_secret_variable ?? null,
        client_secret_file: entry.client_secret_file ?? null,
        scope: entry.scope ?? null,
        audience: entry.audience ?? null,
        header: entry.header ?? 'Authorization',
      };
  }
}
