import { classifyTrackingUri } from '../../project/tracking/tracking-uri.js';
import type { Rule, RuleFinding } from '../rule.js';

/** mlflow/utils/validation.py, MAX_EXPERIMENT_NAME_LENGTH. */
const MAXIMUM_LENGTH = 500;

/** kedro-mlflow makes the experiment as the run starts; a name that MLflow refuses ends the run there. */
export const experimentNameValid: Rule = {
  id: 'experiment-name-valid',
  group: 'tracking',
  description: 'The experiment has a name that the MLflow server accepts',

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
        `${key} is empty, which MLflow refuses`,
        'give the experiment a name, or remove the line: kedro-mlflow then takes the name of the package',
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
        `the experiment ${JSON.stringify(experiment)} is no path in the Databricks workspace, which Databricks asks for`,
        `write a path from the root into mlflow.yml, under tracking.experiment.name: /Users/name@example.com/${experiment.trim()}`,
      );
    }
    if (experiment.trim() !== experiment) {
      return finding(
        'warning',
        `${key} starts or ends with a space, so it is another experiment than the one without`,
        'remove the space',
      );
    }
    return [];
  },
};
