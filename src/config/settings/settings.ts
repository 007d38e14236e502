import type { AuthenticationSettings } from '../../authentication/types.js';
import type { ConfigurableId } from '../../rule-ids.js';
import type { Place } from '../../errors.js';
import type { AirflowConfiguration } from './airflow/airflow-settings.js';
import type { DagSettings, SecretKey } from './dag-settings.js';
import type { ConfigurationProblem } from './problem.js';

/**
 * kdeploy's resolved settings: kdeploy.yml (base, then environment), then KDEPLOY_* variables, then flags; every
 * default filled in. Made once by `load.ts`, never edited afterwards.
 */
export interface Settings {
  readonly image: ImageSettings;
  readonly build: BuildSettings;
  readonly mlflow: MlflowSettings;
  readonly runConfig: RunSettings;
  /** What `kdeploy dag` writes; `null`: kdeploy.yml has no section for it, and only flags and defaults count. */
  readonly dag: DagSettings | null;
  /** The checks that do not run as they are: switched off, or with another severity. */
  readonly checks: CheckSettings;
  readonly hook: HookSettings;
  /** Where the settings came from, in order of reading: `conf/base/kdeploy.yml`, `KDEPLOY_IMAGE_NAME`, `--image`, … */
  readonly sources: readonly string[];
  /** What the user should know but what stops nothing: legacy keys, a variable that looks misspelled. Shown by commands. */
  readonly warnings: readonly SettingsWarning[];
  /** Where keys of run_config and dag stand, by `run_config.namespace`: what is wrong with them is known only with an image. */
  readonly places: Readonly<Record<string, Place>>;
  /** What stops `kdeploy dag` (airflow/airflow-settings.ts), but no other command: spark, a legacy file's mistakes. */
  readonly dagProblems: readonly ConfigurationProblem[];
}

export interface ImageSettings {
  /** Without a tag: `europe-docker.pkg.dev/acme/ml/spaceflights`; `null` when nothing names one. */
  readonly name: string | null;
  /** Templates: `{git.sha}`, `{git.branch}`, `{version}`, `{env}`; expanded by `image/tag-template.ts`. Never empty. */
  readonly tags: readonly string[];
  /** The base image, `null`: what the Dockerfile or kedro docker chooses. */
  readonly base: string | null;
  /** `null`: chosen when it is known whether a Docker engine answers (builders/choose-builder.ts). */
  readonly builder: BuilderName | null;
  /** `linux/amd64`, `linux/arm64`. */
  readonly platform: string;
  /** The Dockerfile, relative to the project. */
  readonly dockerfile: string;
  /** Whether the builder `layers` compiles the packages' bytecode into the image. */
  readonly bytecode: boolean;
  readonly layers: LayerSettings;
  /** Whether an SBOM and the provenance are attached to an image of the builder `layers`, which knows the packages. */
  readonly sbom: boolean;
}

export const BUILDERS = ['kedro', 'engine', 'layers'] as const;
export type BuilderName = (typeof BUILDERS)[number];

/** How the builder `layers` divides an image. */
export interface LayerSettings {
  /** How many layers the whole image should have, its base included. */
  readonly budget: number;
  readonly gzip: 'members' | 'single';
}

export interface BuildSettings {
  readonly uid: number | null;
  readonly gid: number | null;
  /** Build arguments; `null` takes the value of the variable of that name from the environment, as docker does. */
  readonly args: Readonly<Record<string, string | null>>;
  /** What the Dockerfile may mount with `RUN --mount=type=secret`; only where the value is, never the value. */
  readonly secrets: readonly SecretSetting[];
}

/** `file` is relative to the project, or absolute. */
export type SecretSetting =
  { readonly id: string; readonly env: string } | { readonly id: string; readonly file: string };

export interface MlflowSettings {
  /** true: a missing setup is an error; auto: build without tracking and say so; false: no tracking. */
  readonly enabled: boolean | 'auto';
  /** `null`: the one in conf/<env>/mlflow.yml. */
  readonly trackingUri: string | null;
  /** When the server does not answer as the container starts: stop the task, or let it run untracked. */
  readonly onUnreachable: 'fail' | 'warn';
}

export interface RunSettings {
  /** `null`: the one in mlflow.yml, else kedro-mlflow's default. */
  readonly experimentName: string | null;
  readonly runName: string | null;
  readonly authentication: readonly AuthenticationSettings[];
  /** Kubernetes secrets that hold the values of variables of Vars, for the DAG. */
  readonly variableSecrets: Readonly<Record<string, SecretKey>>;
  /** The rest of run_config (namespace, resources, secrets, …), spelt as in the file; `airflowSettings` reads it. */
  readonly airflow: Readonly<AirflowConfiguration>;
}

/**
 * `on`: as the rule is, for an environment that takes back what the base environment says. A severity is given to the
 * rule's errors and warnings; its infos stay infos (checks/grading.ts).
 */
export const CHECK_LEVELS = ['off', 'on', 'error', 'warning', 'info'] as const;
export type CheckLevel = (typeof CHECK_LEVELS)[number];
export type CheckSettings = Readonly<Partial<Record<ConfigurableId, CheckLevel>>>;
/** The git pre-push hook. */
export interface HookSettings {
  /** Whether each push waits for the MLflow server's answer, as `kdeploy check --online` does. */
  readonly online: boolean;
}

export interface SettingsWarning {
  /** `conf/base/kdeploy.yml:7`, `KDEPLOY_IMGE_NAME`. */
  readonly where: string;
  readonly place?: Place;
  readonly message: string;
  readonly remedy?: string;
}

/** The defaults. */
export const DEFAULT_SETTINGS: Settings = {
  image: {
    name: null,
    tags: ['latest'],
    base: null,
    builder: null,
    platform: 'linux/amd64',
    dockerfile: 'Dockerfile',
    bytecode: true,
    layers: { budget: 50, gzip: 'members' },
    sbom: true,
  },
  build: { uid: null, gid: null, args: {}, secrets: [] },
  mlflow: { enabled: true, trackingUri: null, onUnreachable: 'fail' },
  runConfig: { experimentName: null, runName: null, authentication: [], variableSecrets: {}, airflow: {} },
  dag: null,
  checks: {},
  hook: { online: false },
  sources: [],
  warnings: [],
  places: {},
  dagProblems: [],
};
