import { KdeployError } from '../errors.js';
import { innermostWords } from '../network/failure.js';
import { redactText } from '../secrets/redaction.js';
import type { Host } from './authentication.js';
import { findGoogleCredentials, impersonationOf, type GoogleInfo } from './google-credentials.js';
import { serviceAccountGrant, tokenEndpoint } from './google-service-account.js';
import { askIssuer, askIssuerForJson, type Issuer } from './token-issuer.js';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/identity';

/** The first that is set is asked; the runtime reads the same (authentication/google_tokens.py). */
const METADATA_VARIABLES = ['GCE_METADATA_HOST', 'GCE_METADATA_ROOT', 'GCE_METADATA_IP'];

/**
 * An ID token for the audience by the identity that a container with this environment has: a service account's key, the
 * right to act as one (impersonation, workload identity federation), or the machine's own service account. Throws
 * KdeployError `credentials`.
 */
export async function fetchGoogleIdToken(audience: string, host: Host): Promise<string> {
  const credentials = await findGoogleCredentials(host.environment);
  if (credentials === undefined) return fromMetadataServer(audience, host);
  const { kind, file } = credentials;
  if (kind === 'service_account') {
    const issuer = { host, source: `Google (${String(file.info.client_email)}, key in ${file.path})` };
    const answer = await serviceAccountGrant(file, file.info, { target_audience: audience }, issuer);
    return idToken(answer.id_token, issuer);
  }
  const { account, url } = impersonationOf(file.info);
  const issuer = { host, source: `Google (${account}, impersonated through ${file.path})` };
  const own = kind === 'external_account' ? file.info : (file.info.source_credentials as GoogleInfo);
  const answer = await askIssuerForJson(issuer, url, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessToken(own, file, issuer)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ audience, includeEmail: true, delegates: file.info.delegates ?? [] }),
  });
  return idToken(answer.token, issuer);
}

/** Of whoever acts as the service account. */
async function accessToken(
  own: GoogleInfo,
  file: Parameters<typeof serviceAccountGrant>[0],
  issuer: Issuer,
): Promise<string> {
  if (own.type === 'external_account') return federatedToken(own, issuer);
  const answer =
    own.type === 'service_account'
      ? await serviceAccountGrant(file, own, { scope: SCOPE }, issuer)
      : await askIssuerForJson(issuer, tokenEndpoint(own), {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'refresh_token',
            client_id: String(own.client_id),
            client_secret: String(own.client_secret),
            refresh_token: String(own.refresh_token),
          }),
        });
  if (typeof answer.access_token === 'string' && answer.access_token !== '') return answer.access_token;
  throw new KdeployError('credentials', `${issuer.source} responded without an access token`);
}

/** Files, URLs, executables and AWS's signatures are the library's business. */
async function federatedToken(info: GoogleInfo, issuer: Issuer): Promise<string> {
  // Loaded here: 40 ms that only federated identities pay.
  const { ExternalAccountClient } = await import('google-auth-library');
  const own = Object.fromEntries(Object.entries(info).filter(([name]) => name !== 'service_account_impersonation_url'));
  const client = ExternalAccountClient.fromJSON({
    ...own,
    scopes: [SCOPE],
    transporterOptions: { fetchImplementation: issuer.host.fetch, timeout: 10_000 },
  } as unknown as Parameters<typeof ExternalAccountClient.fromJSON>[0]);
  try {
    const { token } = (await client?.getAccessToken()) ?? {};
    if (typeof token === 'string' && token !== '') return token;
  } catch (error) {
    if (error instanceof KdeployError) throw error;
    throw new KdeployError(
      'credentials',
      `${issuer.source} got no access token: ${redactText(innermostWords(error))}`,
      {
        hint: 'check the credential_source in the file, and the workload identity pool',
      },
    );
  }
  throw new KdeployError('credentials', `${issuer.source} got no access token`);
}

async function fromMetadataServer(audience: string, { environment }: Host): Promise<string> {
  const given = METADATA_VARIABLES.map((name) => environment[name] ?? '').find((value) => value !== '');
  const name = (given ?? 'metadata.google.internal').replace(/^https?:\/\/|\/+$/g, '');
  const query = new URLSearchParams({ audience, format: 'full' }).toString();
  // It is next door: no proxy.
  const issuer: Issuer = {
    host: { environment, fetch },
    source: `Google's metadata server (${name})`,
    hint: 'this machine has no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, or `gcloud auth application-default login --impersonate-service-account=…`',
  };
  const headers = { 'Metadata-Flavor': 'Google' };
  return idToken(await askIssuer(issuer, `http://${name}${METADATA_PATH}?${query}`, { headers }), issuer);
}

/** A JSON web token that has an end, in the future. */
function idToken(value: unknown, { source }: Issuer): string {
  const token = typeof value === 'string' ? value.trim() : '';
  const end = endOf(token);
  if (end === undefined)
    throw new KdeployError('credentials', `${source} responded with something that is not an ID token`);
  if (end > Date.now() / 1000) return token;
  throw new KdeployError('credentials', `${source} issued a token that has already expired by this machine's clock`, {
    hint: 'check the clock of this machine',
  });
}

/** In seconds, as RFC 7519 counts. */
function endOf(token: string): number | undefined {
  const [, claims = '', signature] = token.split('.');
  if (signature === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly exp?: unknown };
    return typeof exp === 'number' ? exp : undefined;
  } catch {
    return undefined;
  }
}
