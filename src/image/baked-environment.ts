import { KdeployError } from '../errors.js';
import type { BakedTracking } from './bake-plan.js';
import { environmentValue, withEnvironment } from './run-configuration.js';

/** What the runtime returns when tracking cannot be set up (EX_CONFIG). */
export const TRACKING_EXIT_CODE = 78;

/** Where the runtime is in every baked image. Never below a folder that may be a link, such as /lib. */
export const RUNTIME_FOLDER = '/opt/kdeploy/lib';

export interface EnvironmentInput {
  /** The image's own, as its Dockerfile and its base image set it. */
  readonly image: readonly string[];
  /** The Kedro environment that is baked. */
  readonly env: string;
  /** Whether a `kedro run` uses that environment without being told. */
  readonly isDefaultEnv: boolean;
  readonly tracking: BakedTracking;
}

/** What of the configuration becomes variables of the image. */
export type BakedVariables = Pick<
  BakedTracking,
  | 'uri'
  | 'registryUri'
  | 'experiment'
  | 'signsRequests'
  | 'authentication'
  | 'runName'
  | 'experimentOptions'
  | 'onUnreachable'
>;

/**
 * The environment of the baked image: its own, and what MLflow, Kedro and the runtime read. What the Dockerfile sets
 * is never replaced in silence: one that names another server or another Kedro environment contradicts what was checked.
 * An authentication provider of the project's own stays where kdeploy bakes none.
 * Throws KdeployError `configuration`, naming every contradiction.
 */
export function bakedEnvironment({ image, env, isDefaultEnv, tracking }: EnvironmentInput): string[] {
  const found = contradictions({ image, env, tracking });
  const different = found.filter((each) => each.kind === 'different');
  if (different.length > 0) throw contradiction(different);
  if (found.length > 0) throw sharedRun(found.map(({ name }) => name));

  const pythonPath = ownValue(image, 'PYTHONPATH');
  return withEnvironment(image, {
    PYTHONPATH: pythonPath === undefined ? RUNTIME_FOLDER : `${RUNTIME_FOLDER}:${pythonPath}`,
    MLFLOW_TRACKING_URI: tracking.uri,
    MLFLOW_REGISTRY_URI: tracking.registryUri,
    MLFLOW_EXPERIMENT_NAME: tracking.experiment,
    MLFLOW_TRACKING_AUTH: tracking.signsRequests ? 'kdeploy' : ownValue(image, 'MLFLOW_TRACKING_AUTH'),
    KEDRO_ENV: isDefaultEnv ? undefined : env,
    KDEPLOY_AUTH: tracking.authentication,
    KDEPLOY_RUN_NAME: tracking.runName,
    KDEPLOY_EXPERIMENT_OPTIONS: tracking.experimentOptions,
    KDEPLOY_ON_UNREACHABLE: tracking.onUnreachable === 'fail' ? undefined : tracking.onUnreachable,
  });
}

/** A variable of the image that may not have the value that it has. */
export type Contradiction =
  | {
      readonly kind: 'different';
      readonly name: string;
      /** What kdeploy would set, or what holds where the variable is not set. */
      readonly configured: string | undefined;
      readonly remedy: string;
    }
  /** It names one execution, and would do so in all containers. */
  | { readonly kind: 'shared run'; readonly name: string; readonly remedy: string };

/**
 * What the image's own environment contradicts. The check asks for the ENV lines of the Dockerfile, the bake for all
 * of what was built. The image's own values are not repeated: a URI may contain a password.
 */
export function contradictions({
  image,
  env,
  tracking,
}: {
  readonly image: readonly string[];
  readonly env: string;
  readonly tracking: BakedVariables;
}): Contradiction[] {
  const effective: Readonly<Record<string, string | undefined>> = {
    MLFLOW_TRACKING_URI: tracking.uri,
    MLFLOW_REGISTRY_URI: tracking.registryUri ?? tracking.uri,
    MLFLOW_EXPERIMENT_NAME: tracking.experiment,
    MLFLOW_TRACKING_AUTH: tracking.signsRequests ? 'kdeploy' : ownValue(image, 'MLFLOW_TRACKING_AUTH'),
    KEDRO_ENV: env,
    KDEPLOY_AUTH: tracking.authentication,
    KDEPLOY_RUN_NAME: tracking.runName,
    KDEPLOY_EXPERIMENT_OPTIONS: tracking.experimentOptions,
    KDEPLOY_ON_UNREACHABLE: tracking.onUnreachable,
  };
  const different = Object.entries(effective).flatMap(([name, configured]): Contradiction[] => {
    const own = ownValue(image, name);
    if (own === undefined || own === configured) return [];
    return [{ kind: 'different', name, configured, remedy: remedyFor(name, own) }];
  });
  const shared = RUN_VARIABLES.filter((name) => ownValue(image, name) !== undefined).map((name): Contradiction => ({
    kind: 'shared run',
    name,
    remedy: SHARED_RUN_REMEDY,
  }));
  return [...different, ...shared];
}

/** An empty one counts as not set, for Kedro and MLflow alike. */
function ownValue(image: readonly string[], name: string): string | undefined {
  const value = environmentValue(image, name);
  return value === '' ? undefined : value;
}

/** The names of all variables that a bake may set, for taking an earlier bake out of an image. */
export const BAKED_VARIABLES = [
  'MLFLOW_TRACKING_URI',
  'MLFLOW_REGISTRY_URI',
  'MLFLOW_EXPERIMENT_NAME',
  'MLFLOW_TRACKING_AUTH',
  'KEDRO_ENV',
  'KDEPLOY_AUTH',
  'KDEPLOY_RUN_NAME',
  'KDEPLOY_ON_UNREACHABLE',
  'KDEPLOY_EXPERIMENT_OPTIONS',
  'KDEPLOY_IMAGE',
  'KDEPLOY_GIT_REVISION',
  'KDEPLOY_VERSION',
] as const;

/** They name one execution; in an image they would name the same one for all. */
export const RUN_VARIABLES = ['MLFLOW_RUN_ID', 'KDEPLOY_RUN_KEY'];

const SHARED_RUN_REMEDY = 'remove the ENV line from the Dockerfile, and set it where each container is started';

/** The name of a Kedro environment cannot be a secret. */
function remedyFor(name: string, own: string): string {
  return name === 'KEDRO_ENV' && /^[\w/-]+$/.test(own)
    ? `build for that environment: --env ${own}; or remove the ENV line from the Dockerfile`
    : 'remove the ENV line from the Dockerfile, or configure the same value';
}

function contradiction(found: readonly Extract<Contradiction, { kind: 'different' }>[]): KdeployError {
  const names = found.map(({ name, configured }) => `${name} (configured: ${configured ?? 'none'})`).join(', ');
  const { remedy } = found.find(({ name }) => name === 'KEDRO_ENV') ?? found[0] ?? { remedy: '' };
  return new KdeployError(
    'configuration',
    `the Dockerfile or its base image sets ${names} to another value than kdeploy would`,
    { hint: remedy },
  );
}

function sharedRun(names: readonly string[]): KdeployError {
  return new KdeployError(
    'configuration',
    `the Dockerfile or its base image sets ${names.join(' and ')}, so every container would join the same MLflow run`,
    { hint: SHARED_RUN_REMEDY },
  );
}
