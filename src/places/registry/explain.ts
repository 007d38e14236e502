import { KdeployError } from '../../errors.js';
import { DOCKER_HUB } from '../../image/reference.js';
import { SENTENCES, type ConnectionProblem } from '../../network/failure.js';
import { ConnectionError } from './connection-error.js';
import type { CredentialLookup } from './credentials/credentials.js';
import { isGoogleRegistry } from './credentials/google.js';
import { registryBaseUrl } from './endpoint.js';
import { RegistryError } from './registry-error.js';
import { TokenRefusal } from './token.js';

export interface Circumstances {
  readonly registry: string;
  /** What was asked for: an image reference; `undefined` for the registry itself. */
  readonly what?: string | undefined;
  /** `undefined`: no credentials were asked for before it failed. */
  readonly lookup?: CredentialLookup | undefined;
}

/** The transport's errors in the user's words: what failed, why, what to do. Other errors come back as they are. */
export function explain(error: unknown, circumstances: Circumstances): unknown {
  if (error instanceof ConnectionError) return explainConnection(error, circumstances);
  if (error instanceof TokenRefusal) return explainRefusal(error.answer, circumstances, true);
  if (!(error instanceof RegistryError)) return error;
  // A 403 of the blob store behind a redirect says nothing about the user's credentials.
  const isOwnAnswer = error.host === registryBaseUrl(circumstances.registry).host;
  if (isOwnAnswer && (error.status === 401 || error.status === 403)) return explainRefusal(error, circumstances, false);
  return explainAnswer(error, circumstances);
}

/** What to type to get credentials for a registry. */
export function loginHint(registry: string): string {
  if (isGoogleRegistry(registry)) {
    return `run \`gcloud auth configure-docker ${registry}\`, or \`gcloud auth application-default login\``;
  }
  return registry === DOCKER_HUB ? 'run `docker login`' : `run \`docker login ${registry}\``;
}

function explainRefusal(
  error: RegistryError,
  { registry, what, lookup }: Circumstances,
  byTokenServer: boolean,
): KdeployError {
  const target = what ?? registry;
  const source = lookup?.credentials === undefined ? undefined : (lookup.source ?? 'the configuration');
  const sentence =
    source === undefined
      ? `${registry} requires credentials for ${target}, but none were found`
      : byTokenServer || error.status === 401
        ? `${registry} rejected the credentials from ${source}`
        : `${target} does not exist, or the credentials from ${source} have no access to it`;
  const failures = (lookup?.failures ?? []).map(({ source: failed, reason }) => `${failed}: ${reason}`);
  const looked = source === undefined ? (lookup?.looked ?? []) : [];
  const parts = [sentence, ...(looked.length > 0 ? [`looked in ${looked.join(', ')}`] : []), ...failures];
  // It goes before whatever a login writes.
  const hint =
    source?.includes('DOCKER_AUTH_CONFIG') === true ? 'correct DOCKER_AUTH_CONFIG, or unset it' : loginHint(registry);
  return new KdeployError('credentials', parts.join('; '), { cause: error, hint });
}

function explainAnswer(error: RegistryError, { registry, what }: Circumstances): KdeployError {
  const target = what === undefined ? '' : ` for ${what}`;
  const times = error.attempts > 1 ? ` (tried ${error.attempts} times)` : '';
  if (error.status === 429) {
    const wait = error.retryAfterMs === undefined ? '' : `; it asks to wait ${Math.ceil(error.retryAfterMs / 1000)} s`;
    return unreachable(
      `the rate limit of ${error.host} is exceeded${target}${wait}`,
      error,
      'wait, or log in to get a higher limit',
    );
  }
  if (error.temporary()) {
    return unreachable(`${error.host} returned status ${error.status}${target}${times}`, error, 'try again later');
  }
  const unlike =
    what === undefined
      ? `${registry} did not respond like a container registry`
      : `${error.host} returned an unexpected response${target}`;
  return unreachable(
    `${unlike} (status ${error.status})`,
    error,
    `check that ${registry} is the address of the registry`,
  );
}

/** What to do about a registry, where it is something else than for other servers. */
const HINTS: Partial<Readonly<Record<ConnectionProblem, string>>> = {
  'unknown-host': "check the spelling of the image's registry",
  'name-service': 'check the network connection',
  refused: 'check that the registry is running, and that the port is right',
  unreachable: 'check the network connection, or the VPN',
  timeout: 'check the network, a VPN or a proxy, or try again later',
  reset: 'try again later',
  'certificate-of-unknown-authority':
    'if it has a certificate authority of your own, set NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
  'client-certificate': 'kdeploy sends no client certificate to a registry; use one that accepts a password or a token',
  'not-https': 'if the registry has no TLS, name it in KDEPLOY_PLAIN_HTTP; otherwise check its port',
  other: 'check the network connection',
};

function explainConnection(error: ConnectionError, { registry, what }: Circumstances): KdeployError {
  const [predicate, remedy] = SENTENCES[error.problem];
  const times = error.attempts > 1 ? ` (tried ${error.attempts} times)` : '';
  const target = what ?? (registry === error.host ? undefined : registry);
  const message = `${error.host} ${predicate}${times}${target === undefined ? '' : ` (needed for ${target})`}`;
  return unreachable(message, error, HINTS[error.problem] ?? remedy);
}

function unreachable(message: string, cause: Error, hint: string): KdeployError {
  return new KdeployError('registry-unreachable', message, { cause, hint });
}
