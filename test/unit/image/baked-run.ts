import { RUNTIME_ENTRYPOINT } from '../../../src/image/bake-plan.js';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';

/** What an image that has these labels runs, where nobody has changed it since it was baked. */
export function bakedRun(
  labels: Readonly<Record<string, string>>,
): Pick<RunConfiguration, 'labels' | 'env' | 'entrypoint'> {
  const uri = labels['io.kdeploy.tracking-uri'];
  return uri === undefined
    ? { labels, env: [], entrypoint: [] }
    : { labels, env: [`MLFLOW_TRACKING_URI=${uri}`], entrypoint: RUNTIME_ENTRYPOINT };
}
