import { dirname } from 'node:path/posix';
import { isDeclared } from '../declarations.js';
import { didYouMean } from '../../config/settings/suggestion.js';
import { environmentsOf } from '../../project/kedro/environments.js';
import type { Rule, RuleFinding } from '../rule.js';

/** The file that names the tracking server is easily forgotten: conf/local is not in git. */
export const mlflowConfigExists: Rule = {
  id: 'mlflow-config-exists',
  group: 'tracking',
  description: 'The deployed environment has an mlflow.yml',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    if (config === undefined) return [];
    const { env, source: files } = context;
    // Kedro refuses a folder that is not there: git keeps no empty ones, and an environment's name is easily mistyped.
    const folder = dirname(config.expectedFile);
    const others =
      env === undefined || (await files.list(folder)).length > 0 ? undefined : await environmentsOf(context.project);
    const meant = env === undefined || others === undefined ? undefined : await didYouMean(env, others);
    if (env !== undefined && others !== undefined && meant !== undefined)
      return [misspelled(env, meant, others, folder)];
    if (config.files.length > 0) return [];
    const { source } = await context.tracking();
    const make = (await files.list(folder)).length === 0 ? `mkdir -p ${folder} && ` : '';
    const init = `${make}${env === undefined ? 'kedro mlflow init' : `kedro mlflow init --env ${env}`}`;
    // The command comes with kedro-mlflow. Who does not require it yet has hardly installed it.
    const { declared, inputs } = await context.requirements();
    const isRequired = [declared, ...inputs.map(({ inputDeclarations }) => inputDeclarations)].some((declarations) =>
      isDeclared(declarations, 'kedro-mlflow'),
    );
    const command = isRequired ? init : `pip install kedro-mlflow && ${init}`;
    const place = { file: config.expectedFile };
    const fix = { kind: 'write-mlflow-config', file: config.expectedFile } as const;
    if (source?.kind === 'settings') {
      return [
        {
          severity: 'warning',
          message: `${config.expectedFile} is missing: runs go to the tracking URI in kdeploy's settings, with kedro-mlflow's defaults`,
          remedy: `${command}, to configure the experiment and parameters yourself${instead(others)}`,
          place,
          fix,
        },
      ];
    }
    return [
      {
        severity: 'error',
        message: `${config.expectedFile} is missing: it tells kedro-mlflow which MLflow server to log to`,
        remedy: `${command}, then set server.mlflow_tracking_uri in it${instead(others)}`,
        place,
        fix,
      },
    ];
  },
};

/** An image for an environment that nobody has configured would run with the base environment's settings alone. */
function misspelled(env: string, meant: string, environments: readonly string[], folder: string): RuleFinding {
  return {
    severity: 'error',
    message: `the project has no Kedro environment ${env}: its environments are ${environments.join(', ')}`,
    remedy: `did you mean --env ${meant}?`,
    place: { file: folder },
  };
}

/** Where no folder of that name exists, another environment may have been meant. */
function instead(environments: readonly string[] | undefined): string {
  return environments === undefined || environments.length === 0
    ? ''
    : `; or use an environment of the project: --env ${environments.join(', ')}`;
}
