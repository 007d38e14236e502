import { trackingUriLabel } from './labels.js';
import { environmentValue, type RunConfiguration } from './run-configuration.js';

/**
 * Where an image's runs go; `undefined` for one without tracking. The label says what was baked, but an image that is built
 * on it, or edited, keeps the label and may set the variable, which is what MLflow's client reads.
 */
export function imageTrackingUri({ labels, env }: Pick<RunConfiguration, 'labels' | 'env'>): string | undefined {
  const baked = trackingUriLabel(labels);
  return baked === undefined ? undefined : (environmentValue(env, 'MLFLOW_TRACKING_URI') ?? baked);
}
