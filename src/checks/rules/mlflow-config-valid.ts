import { kedroMlflowVersion } from '../kedro-mlflow-version.js';
import { NotExecuted } from '../../project/kedro/not-executed.js';
import { configProblems } from '../mlflow-config-schema.js';
import type { Rule, RuleFinding } from '../rule.js';

/** kedro-mlflow forbids unknown keys and stops the run with a pydantic error; better now than in the cluster. */
export const mlflowConfigValid: Rule = {
  id: 'mlflow-config-valid',
  group: 'tracking',
  description: 'mlflow.yml can be read and contains only keys and values that kedro-mlflow accepts',

  async check(context): Promise<RuleFinding[]> {
    const { value: config, error } = await context.trackingConfig();
    if (error !== undefined) {
      return [
        {
          severity: error instanceof NotExecuted ? 'warning' : 'error',
          message: error.message,
          remedy: error.hint ?? 'fix the file at that line',
          ...(error.place === undefined ? {} : { place: error.place }),
        },
      ];
    }
    if (config.document === undefined) return [];
    const { version, isFlat } = await kedroMlflowVersion(context);
    if (isFlat) {
      return [
        {
          severity: 'error',
          message: 'kdeploy does not support the mlflow.yml format of kedro-mlflow before 0.8',
          remedy: 'require kedro-mlflow>=0.8, and recreate the file: kedro mlflow init --force',
          place: { file: config.files.at(-1) ?? config.expectedFile },
        },
      ];
    }
    const problems = await configProblems(config.document, version);
    return problems.map(({ path, message, remedy }) => ({
      severity: 'error',
      message,
      remedy,
      place: config.placeOf(path),
    }));
  },
};
