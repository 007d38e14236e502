import { authenticationVariables } from '../../authentication/types.js';
import { classifyTrackingUri } from '../../project/tracking/tracking-uri.js';
import { sourceText } from '../../project/tracking/tracking.js';
import type { Rule, RuleFinding } from '../rule.js';

/** `databricks` names no server: host and token come from the environment, or from a file that is not in the image. */
export const databricksAuthenticated: Rule = {
  id: 'databricks-authenticated',
  group: 'tracking',
  description: 'A container that logs to Databricks gets its host and token',

  async check(context): Promise<RuleFinding[]> {
    const { uri, registryUri, source, registrySource } = await context.tracking();
    const { authentication } = context.settings.runConfig;
    const candidates = [
      // As a tracking URI, databricks-uc is reported by tracking-uri-usable.
      [uri?.startsWith('databricks-uc') === true ? undefined : uri, source],
      [registryUri, registrySource],
    ] as const;
    const [first] = candidates.filter(([value]) => classifyTrackingUri(value).kind === 'databricks');
    if (first === undefined) return [];
    const [address = '', origin] = first;
    const place = origin?.kind === 'mlflow.yml' ? { place: origin.place } : {};
    const named = `${classifyTrackingUri(address).redacted} (from ${origin === undefined ? 'the settings' : sourceText(origin)})`;

    if (/^databricks(?:-uc)?:\/\/./i.test(address)) {
      return [
        {
          severity: 'warning',
          message: `${named} names a profile in ~/.databrickscfg, a file that is not in the image`,
          remedy:
            'use databricks without a profile, and list the variables in kdeploy.yml: run_config.authentication: {type: Vars, params: [DATABRICKS_HOST, DATABRICKS_TOKEN]}',
          ...place,
        },
      ];
    }
    if (authenticationVariables(authentication).some((name) => name.startsWith('DATABRICKS_'))) return [];
    // Then authentication-valid says what to write.
    const { value: config } = await context.trackingConfig();
    const server = config?.document?.server;
    const isNamed =
      typeof server === 'object' && server !== null && 'credentials' in server && server.credentials !== null;
    if (isNamed && authentication.length === 0) return [];
    return [
      {
        severity: 'warning',
        message: `${named} needs DATABRICKS_HOST and DATABRICKS_TOKEN, but run_config.authentication does not list them`,
        remedy:
          'list them in kdeploy.yml, and pass them to the container: run_config.authentication: {type: Vars, params: [DATABRICKS_HOST, DATABRICKS_TOKEN]}',
        ...place,
      },
    ];
  },
};
