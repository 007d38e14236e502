import { secretInAddress } from '../../secrets/address.js';
import { isSecretName } from '../../secrets/secret-names.js';
import type { Rule, RuleFinding } from '../rule.js';

type Path = readonly (string | number)[];

/** These two have rules of their own, and `server.credentials` is the name of an entry in credentials.yml. */
const ELSEWHERE = new Set(['server.mlflow_tracking_uri', 'server.mlflow_registry_uri', 'server.credentials']);

/** mlflow.yml is baked: a token among the arguments of a header provider would end up in the image. */
export const mlflowConfigHasNoCredentials: Rule = {
  id: 'mlflow-config-has-no-credentials',
  group: 'tracking',
  description: 'mlflow.yml, which is baked into the image, contains no password or token',

  async check(context): Promise<RuleFinding[]> {
    const { value: config } = await context.trackingConfig();
    if (config?.document === undefined) return [];
    return secretsIn(config.document, []).map((path) => ({
      severity: 'error',
      message: `${path.join('.')} in mlflow.yml contains a secret: it would be baked into the image, where anyone can read it`,
      remedy: 'remove it, revoke it on the server, and let the container read a new one from an environment variable',
      place: config.placeOf(path),
    }));
  },
};

function secretsIn(value: unknown, path: Path): Path[] {
  if (ELSEWHERE.has(path.join('.'))) return [];
  if (typeof value === 'string') return isSecret(value, path) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, [...path, key]));
}

/** Under a telling key, or a password within a URI. An interpolation left for the container is not a secret. */
function isSecret(value: string, path: Path): boolean {
  if (value === '' || value.startsWith('${')) return false;
  return isSecretName(String(path.at(-1))) || (value.includes('://') && secretInAddress(value) !== 'none');
}
