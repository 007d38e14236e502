import { bakedAuthentication, signsRequests } from '../authentication/types.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import type { BakedTracking } from '../image/bake-plan.js';
import { sourceText, type Tracking, type TrackingSource } from '../project/tracking/tracking.js';
import { classifyTrackingUri } from '../project/tracking/tracking-uri.js';
import type { TrackingConfig } from '../project/tracking/tracking-config.js';
import { bakedMlflowYaml } from './mlflow-yaml.js';
import { readRuntimePackage } from './runtime-package.js';

export interface BakedTrackingInput {
  readonly settings: Settings;
  /** `undefined`: the image is to be built without tracking. */
  readonly tracking: Tracking | undefined;
  readonly trackingConfig: TrackingConfig | undefined;
  /** Where mlflow.yml goes if the project's own could not be read: `conf/local/mlflow.yml`. */
  readonly mlflowFile: string;
  readonly kdeployVersion: string;
}

/**
 * What is baked about tracking; `undefined` for an image that is to be built without. The last line of defence: also
 * with the checks switched off, no image is baked that would silently log nowhere, or that contains a password.
 * Throws KdeployError `configuration`.
 */
export async function bakedTracking(input: BakedTrackingInput): Promise<BakedTracking | undefined> {
  const { settings, tracking, trackingConfig, kdeployVersion } = input;
  if (tracking === undefined) return undefined;
  const { uri, registryUri } = tracking;
  if (uri === undefined) {
    throw new KdeployError('configuration', 'no MLflow server is configured for the image', {
      // Not `kdeploy check`: with the check for it switched off, it has no problems.
      hint: 'set server.mlflow_tracking_uri in mlflow.yml, or pass --tracking-uri https://…; to build without tracking, set mlflow.enabled: false in kdeploy.yml',
    });
  }
  refuseCredentials(uri, tracking.source);
  if (registryUri !== undefined) refuseCredentials(registryUri, tracking.registrySource ?? tracking.source);
  const { authentication } = settings.runConfig;
  const [mlflowYaml, runtime] = await Promise.all([
    bakedMlflowYaml(trackingConfig?.document, tracking.experiment),
    readRuntimePackage(kdeployVersion),
  ]);
  return {
    uri,
    registryUri,
    experiment: tracking.experiment,
    authenticationTypes: authentication.map(({ type }) => type),
    authentication: authentication.length === 0 ? undefined : bakedAuthentication(authentication),
    signsRequests: signsRequests(authentication),
    runName: settings.runConfig.runName ?? undefined,
    onUnreachable: settings.mlflow.onUnreachable,
    experimentOptions: experimentOptions(trackingConfig?.document),
    mlflowYaml,
    mlflowFiles: trackingConfig?.bakedFiles ?? [input.mlflowFile],
    runtime,
  };
}

/** An image is read by everyone who may pull it. */
function refuseCredentials(uri: string, source: TrackingSource | undefined): void {
  if (classifyTrackingUri(uri).credentials === 'none') return;
  const where = source === undefined ? '' : ` (${sourceText(source)})`;
  throw new KdeployError(
    'configuration',
    `the tracking URI contains a user name or password${where}, which would be baked into the image`,
    {
      hint: 'remove it from the URI, and pass it to the container as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (run_config.authentication, type Vars)',
    },
  );
}

/**
 * A task that joins a shared run creates the experiment before kedro-mlflow starts, and must do so as kedro-mlflow would
 * (kedro_mlflow/config/kedro_mlflow_config.py, ExperimentOptions). `undefined` where mlflow.yml says nothing of it.
 */
function experimentOptions(document: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const experiment = sectionOf(sectionOf(document, 'tracking'), 'experiment');
  const { artifact_location, tags } = sectionOf(experiment, 'create_experiment_kwargs');
  const { restore_if_deleted } = experiment;
  const options = Object.entries({ artifact_location, tags, restore_if_deleted }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return options.length === 0 ? undefined : JSON.stringify(Object.fromEntries(options));
}

function sectionOf(
  parent: Readonly<Record<string, unknown>> | undefined,
  key: string,
): Readonly<Record<string, unknown>> {
  const value = parent?.[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
