import type { GroupingName } from '../../graph/grouping/grouping.js';

export const DAG_TARGETS = ['kubernetes', 'docker'] as const;
export type DagTargetName = (typeof DAG_TARGETS)[number];

export const DAG_SHAPES = ['dag', 'task-group'] as const;
export type DagShape = (typeof DAG_SHAPES)[number];

/** How a DAG is written: as a file for Airflow, or as a drawing of its tasks. */
export const DAG_FORMATS = ['python', 'mermaid', 'svg'] as const;
export type DagFormat = (typeof DAG_FORMATS)[number];

/** The section `dag:` of kdeploy.yml: which files `kdeploy dag` writes. `null`: the project configures none. */
export interface DagSettings {
  readonly target: DagTargetName;
  readonly as: DagShape;
  /** Kedro pipelines, a file each. */
  readonly pipelines: readonly string[];
  readonly groupBy: GroupingName;
  readonly groupTags: readonly string[];
  /** Relative to the project; `{dag_id}` and `{pipeline}` are filled in. */
  readonly output: string;
  /** A template with `{project}` and `{pipeline}`; `null`: the package, and the pipeline where it is not `__default__`. */
  readonly id: string | null;
  /** More tasks than that are refused. */
  readonly maxTasks: number;
}

/** Also what `kdeploy dag` goes by where kdeploy.yml has no section `dag:`. */
export const DEFAULT_DAG_SETTINGS: DagSettings = {
  target: 'kubernetes',
  as: 'dag',
  pipelines: ['__default__'],
  groupBy: 'memory',
  groupTags: [],
  output: 'dags/{dag_id}.py',
  id: null,
  maxTasks: 1000,
};

/**
 * What run_config says of the DAG and its tasks, normalised: lists where one or many may be written, durations in seconds,
 * dates as YYYY-MM-DD. What is `null` or empty is left to Airflow.
 */
export interface AirflowSettings {
  /** A cron expression, a preset (`@daily`), or a number of seconds between runs; `null`: no schedule. */
  readonly schedule: string | number | null;
  /** URIs of the assets that start the DAG, instead of a schedule. */
  readonly scheduleAssets: readonly string[];
  /** `2021-07-21`, UTC; `null` where none is configured (the DAG has no schedule then, or its start is not decisive). */
  readonly startDate: string | null;
  readonly catchup: boolean;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly owner: string | null;
  readonly maxActiveRuns: number | null;
  readonly dagrunTimeout: number | null;
  /** `null`: none, and in a task group what its DAG has. */
  readonly retries: number | null;
  readonly retryDelay: number | null;
  readonly executionTimeout: number | null;
  readonly pool: string | null;
  readonly failureHandlers: readonly SlackHandler[];
  readonly externalDependencies: readonly ExternalDependency[];
  /** Names in Airflow's context, such as `ds`, that become Kedro parameters. */
  readonly macroParams: readonly string[];
  /** Airflow Variables that become Kedro parameters of the same name. */
  readonly variablesParams: readonly string[];
  /** Plain values only; the others are in `envFromVariables` and, of Kubernetes secrets, in `kubernetes.secrets`. */
  readonly envVars: Readonly<Record<string, string>>;
  /** Environment variables whose value is an Airflow Variable's, by name: that of the Airflow Variable. */
  readonly envFromVariables: Readonly<Record<string, string>>;
  /** Whether `start_mlflow_run` pushes the run's ID to XCom as `mlflow_run_id`. */
  readonly xcom: boolean;
  /**
   * Where the variables of the authentication come from: an Airflow Variable of the same name, unless a Kubernetes secret
   * is named here. It is in `kubernetes.secrets` no more.
   */
  readonly variableSecrets: Readonly<Record<string, SecretKey>>;
  readonly kubernetes: KubernetesSettings;
  readonly docker: DockerSettings;
}

export interface SecretKey {
  /** The name of the Kubernetes secret. */
  readonly name: string;
  readonly key: string;
}

export interface SlackHandler {
  readonly type: 'slack';
  readonly connectionId: string;
  /** With {task}, {dag}, {execution_time}, {url}; `null`: a default. */
  readonly message: string | null;
}

export interface ExternalDependency {
  readonly dagId: string;
  readonly taskId: string | null;
  readonly checkExistence: boolean;
  /** Seconds. */
  readonly timeout: number;
  /** Seconds between this run's date and the other's. */
  readonly executionDelta: number;
}

export interface KubernetesSettings {
  readonly namespace: string | null;
  /** An Airflow connection; `null`: Airflow's default, or the cluster it runs in. */
  readonly connectionId: string | null;
  readonly inCluster: boolean | null;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never' | null;
  readonly imagePullSecrets: readonly string[];
  readonly serviceAccountName: string | null;
  /** Seconds; `null`: 600. */
  readonly startupTimeout: number | null;
  readonly hostNetwork: boolean;
  readonly deferrable: boolean;
  /** Whether the task's log has the pod's; `null`: it has. */
  readonly getLogs: boolean | null;
  /** By name: a node's name, or of a tag `resources:NAME`, `__default__` for the rest. */
  readonly resources: Readonly<Record<string, PodResources>>;
  /** By name: of a tag `k8s_template:NAME`, `__default__` for the rest; parsed YAML of a Pod. */
  readonly podTemplates: Readonly<Record<string, object>>;
  readonly secrets: readonly PodSecret[];
  readonly volume: PodVolume | null;
  /** Further volumes and mounts, as Kubernetes spells them (for TokenFile, OIDC, Google keys). */
  readonly volumes: readonly object[];
  readonly volumeMounts: readonly object[];
}

export interface PodResources {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly nodeSelectors: Readonly<Record<string, string>>;
  readonly tolerations: readonly object[];
  readonly affinity: object | null;
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

export interface PodSecret {
  /** Where it is configured, unless in `secrets`. */
  readonly setting?: 'env_vars';
  readonly as: 'env' | 'volume';
  /** The variable or the folder; `null` with `env`: each key of the secret is a variable. */
  readonly target: string | null;
  readonly secret: string;
  readonly key: string | null;
}

/** Shared storage, mounted at the project's data folder. */
export type PodVolume =
  | { readonly kind: 'existing'; readonly claim: string; readonly owner: number | null }
  | {
      readonly kind: 'own';
      readonly storageClass: string | null;
      readonly size: string;
      readonly accessModes: readonly string[];
      /** fsGroup of the pods. */
      readonly owner: number;
      /** Whether the image's own data/ is not copied to the fresh volume. */
      readonly skipInit: boolean;
    };

export interface DockerSettings {
  readonly url: string | null;
  /** An Airflow connection with the registry's login. */
  readonly connectionId: string | null;
  readonly networkMode: string | null;
  /** `SOURCE:TARGET[:ro]`; SOURCE is an absolute path on the host, or the name of a volume. */
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  /** CPUs (0.5) and bytes (`2g`). */
  readonly cpus: number | null;
  readonly memory: string | null;
  readonly user: string | null;
  readonly extraHosts: Readonly<Record<string, string>>;
}
