import { pinnedVersion } from '../declarations.js';
import type { CheckContext } from '../context.js';
import { configProblems } from '../mlflow-config-schema.js';
import type { Rule, RuleFinding } from '../rule.js';

/** kedro-mlflow forbids unknown keys and stops the run with a pydantic error; better now than in the cluster. */
export const mlflowConfigValid: Rule = {
  id: 'mlflow-config-valid',
  group: 'tracking',
  description: 'mlflow.yml can be read, and has only keys and values that kedro-mlflow accepts',

  async check(context): Promise<RuleFinding[]> {
    const { value: config, error } = await context.trackingConfig();
    if (error !== undefined) {
      return [
        {
          severity: 'error',
          message: error.message,
          remedy: error.hint ?? 'mend the file at that line',
          ...(error.place === undefined ? {} : { place: error.place }),
        },
      ];
    }
    if (config.document === undefined) return [];
    const problems = await configProblems(config.document, await installedVersion(context));
    return problems.map(({ path, message, remedy }) => ({
      severity: 'error',
      message,
      remedy,
      place: config.placeOf(path),
    }));
  },
};

async function installedVersion(context: CheckContext): Promise<string | undefined> {
  return pinnedVersion((await context.requirements()).installed, 'kedro-mlflow');
}
