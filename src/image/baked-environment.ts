import { KdeployError } from '../errors.js';
import type { BakedTracking } from './bake-plan.js';
import { environmentValue, withEnvironment } from './run-configuration.js';

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

/**
 * The environment of the baked image: its own, and what MLflow, Kedro and the runtime read. What the Dockerfile sets
 * is never replaced in silence: one that names another server or another Kedro environment contradicts what was checked.
 * An authentication provider of the project's own stays where kdeploy bakes none.
 * Throws KdeployError `configuration`, naming every contradiction.
 */
export function bakedEnvironment({ image, env, isDefaultEnv, tracking }: EnvironmentInput): string[] {
  const own = (name: string): string | undefined => {
    const value = environmentValue(image, name);
    return value === '' ? undefined : value;
  };
  const variables: Readonly<Record<string, string | undefined>> = {
    MLFLOW_TRACKING_URI: tracking.uri,
    MLFLOW_REGISTRY_URI: tracking.registryUri,
    MLFLOW_EXPERIMENT_NAME: tracking.experiment,
    MLFLOW_TRACKING_AUTH: tracking.signsRequests ? 'kdeploy' : own('MLFLOW_TRACKING_AUTH'),
    KEDRO_ENV: isDefaultEnv ? undefined : env,
    KDEPLOY_AUTH: tracking.authentication,
    KDEPLOY_RUN_NAME: tracking.runName,
    KDEPLOY_EXPERIMENT_OPTIONS: tracking.experimentOptions,
    KDEPLOY_ON_UNREACHABLE: tracking.onUnreachable === 'fail' ? undefined : tracking.onUnreachable,
  };
  // What holds where a variable is not set.
  const effective = {
    ...variables,
    MLFLOW_REGISTRY_URI: tracking.registryUri ?? tracking.uri,
    KEDRO_ENV: env,
    KDEPLOY_ON_UNREACHABLE: tracking.onUnreachable,
  };
  const contradictions = Object.entries(effective).flatMap(([name, value]) =>
    own(name) !== undefined && own(name) !== value ? [{ name, value }] : [],
  );
  if (contradictions.length > 0) throw contradiction(contradictions, own('KEDRO_ENV'));
  const shared = RUN_VARIABLES.filter((name) => own(name) !== undefined);
  if (shared.length > 0) throw sharedRun(shared);

  const pythonPath = own('PYTHONPATH');
  return withEnvironment(image, {
    PYTHONPATH: pythonPath === undefined ? RUNTIME_FOLDER : `${RUNTIME_FOLDER}:${pythonPath}`,
    ...variables,
  });
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
const RUN_VARIABLES = ['MLFLOW_RUN_ID', 'KDEPLOY_RUN_KEY'];

/** The image's own values are not repeated: a URI may contain a password. The name of an environment cannot. */
function contradiction(
  found: readonly { name: string; value: string | undefined }[],
  kedroEnvironment: string | undefined,
): KdeployError {
  const details = found.map(({ name, value }) => `${name} (configured: ${value ?? 'none'})`);
  const names = details.join(', ');
  const isEnvironment = found.some(({ name }) => name === 'KEDRO_ENV');
  const isName = kedroEnvironment !== undefined && /^[\w/-]+$/.test(kedroEnvironment);
  return new KdeployError(
    'configuration',
    `the Dockerfile or its base image sets ${names} to another value than kdeploy would`,
    {
      hint:
        isEnvironment && isName
          ? `build for that environment: --env ${kedroEnvironment}; or remove the ENV line from the Dockerfile`
          : 'remove the ENV line from the Dockerfile, or configure the same value',
    },
  );
}

function sharedRun(names: readonly string[]): KdeployError {
  return new KdeployError(
    'configuration',
    `the Dockerfile or its base image sets ${names.join(' and ')}, so every container would join the same MLflow run`,
    { hint: 'remove the ENV line from the Dockerfile, and set it where each container is started' },
  );
}
