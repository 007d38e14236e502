import type { AirflowSettings, KubernetesSettings, PodSecret, PodVolume, SecretKey } from '../dag-settings.js';
import { ConfigurationError } from '../problem.js';
import type { Configuration } from '../schema.js';
import type { Settings } from '../settings.js';
import { parseMount } from './docker.js';
import { readPodTemplate } from './pod-template.js';
import { parseSchedule } from './schedule.js';
import { parseDate, parseDuration } from './times.js';

/** run_config as it is spelt in the file, once it is valid. */
export type AirflowConfiguration = Omit<
  NonNullable<Configuration['run_config']>,
  'experiment_name' | 'run_name' | 'authentication'
>;

/**
 * What run_config says of the DAG, with every default filled in. Throws ConfigurationError with all that stops a DAG but no
 * other command, such as `spark`.
 */
export async function airflowSettings({ runConfig, dagProblems }: Settings): Promise<AirflowSettings> {
  const [first, ...others] = dagProblems;
  if (first !== undefined) throw new ConfigurationError([first, ...others]);
  const run = runConfig.airflow;
  const authenticated = new Set(runConfig.authentication.flatMap(variablesOf));
  const secrets = podSecrets(run);
  const ofAuthentication = secrets.filter(
    ({ as, target, key }) => as === 'env' && key !== null && authenticated.has(target ?? ''),
  );
  const schedule = run.schedule ?? run.cron_expression ?? null;
  return {
    schedule: typeof schedule === 'object' ? null : (parseSchedule(schedule) ?? null),
    scheduleAssets: typeof schedule === 'object' && schedule !== null ? distinct(schedule.assets) : [],
    startDate: parseDate(run.start_date ?? '') ?? null,
    catchup: run.catchup ?? false,
    description: run.description ?? null,
    tags: distinct(run.tags),
    owner: run.owner ?? null,
    maxActiveRuns: run.max_active_runs ?? null,
    dagrunTimeout: parseDuration(run.dagrun_timeout) ?? null,
    retries: run.retries ?? null,
    retryDelay: parseDuration(run.retry_delay) ?? null,
    executionTimeout: parseDuration(run.execution_timeout) ?? null,
    pool: run.pool ?? null,
    failureHandlers: (run.failure_handlers ?? []).map((handler) => ({
      type: handler.type,
      connectionId: handler.connection_id,
      message: handler.message_template ?? null,
    })),
    externalDependencies: (run.external_dependencies ?? []).map((dependency) => ({
      dagId: dependency.dag_id,
      taskId: dependency.task_id ?? null,
      checkExistence: dependency.check_existence ?? true,
      timeout: minutes(dependency.timeout ?? 24 * 60),
      executionDelta: minutes(dependency.execution_delta ?? 0),
    })),
    macroParams: distinct(run.macro_params),
    variablesParams: distinct(run.variables_params),
    ...environment(run),
    xcom: run.xcom ?? false,
    variableSecrets: {
      ...runConfig.variableSecrets,
      ...Object.fromEntries(ofAuthentication.map(({ target, secret, key }) => [target, { name: secret, key }])),
    } as Readonly<Record<string, SecretKey>>,
    kubernetes: await kubernetes(
      run,
      secrets.filter((secret) => !ofAuthentication.includes(secret)),
    ),
    docker: {
      url: run.docker?.url ?? null,
      connectionId: run.docker?.connection_id ?? null,
      networkMode: run.docker?.network_mode ?? null,
      mounts: (run.docker?.mounts ?? []).flatMap((mount) => parseMount(mount) ?? []),
      cpus: run.docker?.cpus ?? null,
      memory: textOf(run.docker?.memory),
      user: run.docker?.user ?? null,
      extraHosts: run.docker?.extra_hosts ?? {},
    },
  };
}

/** Airflow 2 cannot store a tag twice. */
function distinct<T>(values: readonly T[] | null | undefined): readonly T[] {
  return [...new Set(values ?? [])];
}

/** The plugin counted in minutes; a text has its own unit. */
function minutes(value: string | number): number {
  return typeof value === 'number' ? value * 60 : (parseDuration(value) ?? 0);
}

function variablesOf(entry: Settings['runConfig']['authentication'][number]): readonly string[] {
  if (entry.type === 'Vars') return entry.params;
  return entry.type === 'OIDC' && entry.client_secret_variable !== null ? [entry.client_secret_variable] : [];
}

function environment(run: AirflowConfiguration): Pick<AirflowSettings, 'envVars' | 'envFromVariables'> {
  const given = run.env_vars ?? {};
  // The plugin's list: Airflow Variables that become environment variables of the same name.
  if (Array.isArray(given))
    return { envVars: {}, envFromVariables: Object.fromEntries(given.map((name) => [name, name])) };
  const entries = Object.entries(given);
  return {
    envVars: Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
    envFromVariables: Object.fromEntries(
      entries.flatMap(([name, value]) =>
        typeof value === 'object' && 'from_variable' in value ? [[name, value.from_variable]] : [],
      ),
    ),
  };
}

function podSecrets(run: AirflowConfiguration): PodSecret[] {
  const given = run.env_vars ?? {};
  const ofVariables = Object.entries(Array.isArray(given) ? {} : given).flatMap(([target, value]): PodSecret[] =>
    typeof value === 'object' && 'from_secret' in value
      ? [{ setting: 'env_vars', as: 'env', target, secret: value.from_secret.name, key: value.from_secret.key }]
      : [],
  );
  const listed = (run.secrets ?? []).map(({ deploy_type: as, deploy_target: target, secret, key }): PodSecret => ({
    as: as ?? 'env',
    target: target ?? null,
    secret,
    key: key ?? null,
  }));
  return [...listed, ...ofVariables];
}

async function kubernetes(run: AirflowConfiguration, secrets: readonly PodSecret[]): Promise<KubernetesSettings> {
  const resources = Object.entries(run.resources ?? {}).map(([name, resource]) => [
    name,
    {
      labels: resource?.labels ?? {},
      annotations: resource?.annotations ?? {},
      nodeSelectors: resource?.node_selectors ?? {},
      tolerations: (resource?.tolerations ?? []).map(withoutNulls),
      affinity: resource?.affinity ?? null,
      requests: texts(resource?.requests),
      limits: texts(resource?.limits),
    },
  ]);
  const templates = await Promise.all(
    Object.entries(run.kubernetes_pod_templates ?? {}).map(async ([name, entry]) => {
      const read = isGiven(entry?.template) ? await readPodTemplate(entry.template) : undefined;
      return read !== undefined && 'pod' in read ? [[name, read.pod] as const] : [];
    }),
  );
  return {
    namespace: run.namespace ?? null,
    connectionId: run.kubernetes_conn_id ?? null,
    inCluster: run.in_cluster ?? null,
    imagePullPolicy: run.image_pull_policy ?? null,
    imagePullSecrets: distinct(run.image_pull_secrets),
    serviceAccountName: run.service_account_name ?? null,
    startupTimeout: parseDuration(run.startup_timeout) ?? null,
    hostNetwork: run.host_network ?? false,
    deferrable: run.deferrable ?? false,
    getLogs: run.get_logs ?? null,
    resources: Object.fromEntries(resources) as KubernetesSettings['resources'],
    podTemplates: Object.fromEntries(templates.flat()),
    secrets,
    volume: volumeOf(run),
    volumes: run.volumes ?? [],
    volumeMounts: run.volume_mounts ?? [],
  };
}

function volumeOf({ volume }: AirflowConfiguration): PodVolume | null {
  if (volume === null || volume === undefined || volume.disabled === true) return null;
  if (isGiven(volume.claim)) return { kind: 'existing', claim: volume.claim, owner: volume.owner ?? null };
  return {
    kind: 'own',
    storageClass: volume.storageclass ?? null,
    size: textOf(volume.size) ?? '1Gi',
    accessModes: volume.access_modes ?? ['ReadWriteOnce'],
    owner: volume.owner ?? 0,
    skipInit: volume.skip_init ?? false,
  };
}

function texts(amounts: Readonly<Record<string, string | number>> | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts ?? {}).map(([name, amount]) => [name, String(amount)]));
}

function textOf(value: string | number | null | undefined): string | null {
  return isGiven(value) ? String(value) : null;
}

function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== null && value !== undefined;
}

function withoutNulls(map: object): object {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => isGiven(value)));
}
