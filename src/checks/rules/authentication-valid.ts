import { authenticationProblems } from '../../authentication/types.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Wrong authentication shows only in the cluster, as 401 in the first call to MLflow. */
export const authenticationValid: Rule = {
  id: 'authentication-valid',
  group: 'tracking',
  description: 'The authentication settings are complete, and do not rely on files that are not in the image',

  async check(context): Promise<RuleFinding[]> {
    const { authentication } = context.settings.runConfig;
    const findings: RuleFinding[] = authentication.flatMap(authenticationProblems);

    const { value: config } = await context.trackingConfig();
    const server = config?.document?.server;
    const credentials: unknown =
      typeof server === 'object' && server !== null && 'credentials' in server ? server.credentials : undefined;
    if (config !== undefined && typeof credentials === 'string' && authentication.length === 0) {
      findings.push({
        severity: 'warning',
        message: 'mlflow.yml reads its credentials from credentials.yml, which is never copied into an image',
        remedy:
          'list their variables in kdeploy.yml: run_config.authentication: {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
        place: config.placeOf(['server', 'credentials']),
      });
    }
    return findings;
  },
};
