import { classifyTrackingUri } from '../../project/tracking/tracking-uri.js';
import type { Rule, RuleFinding } from '../rule.js';

/** mlflow/utils/validation.py, MAX_EXPERIMENT_NAME_LENGTH. */
const MAXIMUM_LENGTH = 500;

/** kedro-mlflow makes the experiment as the run starts; a name that MLflow refuses ends the run there. */
export const experimentNameValid: Rule = {
  id: 'experiment-name-valid',
  group: 'tracking',
  description: 'The MLflow server accepts the experiment name',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    const { uri, experiment } = await context.tracking();
    const isOfSettings = context.settings.runConfig.experimentName !== null;
    const placed = isOfSettings ? undefined : config?.experimentName;
    const key = isOfSettings ? 'run_config.experiment_name' : 'tracking.experiment.name in mlflow.yml';
    const place = placed === undefined ? {} : { place: placed.place };
    const finding = (severity: RuleFinding['severity'], message: string, remedy: string): RuleFinding[] => [
      { severity, message, remedy, ...place },
    ];

    if (experiment === '')
      return finding(
        'error',
        `${key} is empty, which MLflow does not accept`,
        'set a name, or remove the line: kedro-mlflow then uses the package name',
      );
    if (Array.from(experiment).length > MAXIMUM_LENGTH) {
      return finding(
        'error',
        `${key} is longer than the ${MAXIMUM_LENGTH} characters that MLflow allows`,
        'shorten it',
      );
    }
    const isDatabricks = classifyTrackingUri(uri).kind === 'databricks' && uri?.startsWith('databricks-uc') !== true;
    if (isDatabricks && !experiment.startsWith('/')) {
      return finding(
        'error',
        `the experiment name ${JSON.stringify(experiment)} is not a workspace path, which Databricks requires`,
        `set tracking.experiment.name in mlflow.yml to an absolute path: /Users/name@example.com/${experiment.trim()}`,
      );
    }
    if (experiment.trim() !== experiment) {
      return finding(
        'warning',
        `${key} starts or ends with a space: MLflow treats it as a different experiment from the name without it`,
        'remove the space',
      );
    }
    return [];
  },
};
