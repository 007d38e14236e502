import { bakedAuthentication, signsRequests } from '../authentication/types.js';
import type { Settings } from '../config/settings/settings.js';
import type { BakedVariables } from '../image/baked-environment.js';
import { experimentOptionsOf } from '../project/tracking/experiment-options.js';
import type { TrackingConfig } from '../project/tracking/tracking-config.js';
import type { Tracking } from '../project/tracking/tracking.js';

/** What the image's variables say about tracking, once it is known where to. */
export function bakedVariables(
  settings: Settings,
  { uri, registryUri, experiment }: Tracking & { readonly uri: string },
  trackingConfig: TrackingConfig | undefined,
): BakedVariables {
  const { authentication, runName } = settings.runConfig;
  return {
    uri,
    registryUri,
    experiment,
    authentication: authentication.length === 0 ? undefined : bakedAuthentication(authentication),
    signsRequests: signsRequests(authentication),
    runName: runName ?? undefined,
    onUnreachable: settings.mlflow.onUnreachable,
    experimentOptions: experimentOptions(trackingConfig?.document),
  };
}

/**
 * A task that joins a shared run creates the experiment before kedro-mlflow starts, and must do so as kedro-mlflow would
 * (kedro_mlflow/config/kedro_mlflow_config.py, ExperimentOptions). `undefined` where mlflow.yml says nothing of it.
 */
function experimentOptions(document: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { artifactLocation, tags, restoreIfDeleted } = experimentOptionsOf(document);
  const named = { artifact_location: artifactLocation, tags, restore_if_deleted: restoreIfDeleted };
  const options = Object.entries(named).filter(([, value]) => value !== undefined);
  return options.length === 0 ? undefined : JSON.stringify(Object.fromEntries(options));
}
