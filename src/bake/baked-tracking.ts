import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import type { BakedRuntime, BakedTracking } from '../image/bake-plan.js';
import { sourceText, type Tracking, type TrackingSource } from '../project/tracking/tracking.js';
import { classifyTrackingUri } from '../project/tracking/tracking-uri.js';
import type { TrackingConfig } from '../project/tracking/tracking-config.js';
import { bakedVariables } from './baked-variables.js';
import { bakedMlflowYaml } from './mlflow-yaml.js';
import { selfTestSubject } from './self-test-subject.js';
import { readPathFile, readRuntimePackage } from './runtime-package.js';

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
  const [mlflowYaml, runtime, pathFile] = await Promise.all([
    bakedMlflowYaml(trackingConfig?.document, tracking.experiment),
    readRuntimePackage(kdeployVersion, { tracked: true }),
    readPathFile(),
  ]);
  const authenticationTypes = settings.runConfig.authentication.map(({ type }) => type);
  return {
    ...bakedVariables(settings, { ...tracking, uri }, trackingConfig),
    authenticationTypes,
    mlflowYaml,
    mlflowFiles: trackingConfig?.bakedFiles ?? [input.mlflowFile],
    runtime,
    pathFile,
    selfTestSubject: await selfTestSubject({
      document: trackingConfig?.document,
      authenticationTypes,
      runtime: [...runtime, pathFile],
    }),
  };
}

/** What an image without tracking gets. */
export async function bakedRuntime(kdeployVersion: string): Promise<BakedRuntime> {
  const [runtime, pathFile] = await Promise.all([
    readRuntimePackage(kdeployVersion, { tracked: false }),
    readPathFile(),
  ]);
  return { runtime, pathFile };
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
