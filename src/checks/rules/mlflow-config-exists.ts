import { dirname } from 'node:path/posix';
import { isDeclared } from '../declarations.js';
import type { Rule, RuleFinding } from '../rule.js';

/** The file that names the tracking server is easily forgotten: conf/local is not in git. */
export const mlflowConfigExists: Rule = {
  id: 'mlflow-config-exists',
  group: 'tracking',
  description: 'The deployed environment has an mlflow.yml',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    if (config === undefined || config.files.length > 0) return [];
    const { source } = await context.tracking();
    const { env } = context;
    // It refuses a folder that is not there: git keeps no empty ones, and an environment's name is easily mistyped.
    const folder = dirname(config.expectedFile);
    const make = (await context.source.list(folder)).length === 0 ? `mkdir -p ${folder} && ` : '';
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
          remedy: `${command}, to configure the experiment and parameters yourself`,
          place,
          fix,
        },
      ];
    }
    return [
      {
        severity: 'error',
        message: `${config.expectedFile} is missing: it tells kedro-mlflow which MLflow server to log to`,
        remedy: `${command}, then set server.mlflow_tracking_uri in it`,
        place,
        fix,
      },
    ];
  },
};
