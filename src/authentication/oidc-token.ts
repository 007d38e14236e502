import { KdeployError } from '../errors.js';
import { connectionFailure } from '../network/failure.js';
import { redactText } from '../secrets/redaction.js';

const TIMEOUT_MILLISECONDS = 10_000;

export interface OidcClient {
  readonly issuer: string;
  readonly client_id: string;
  readonly scope: string | null;
  readonly audience: string | null;
}

/**
 * An access token by the client credentials grant (RFC 6749, 4.4); where to ask is found by OpenID Connect Discovery
 * 1.0, section 4. Throws KdeployError `credentials` with the provider's own reason.
 */
export async function fetchAccessToken(client: OidcClient, secret: string, ask: typeof fetch): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (client.scope !== null) form.set('scope', client.scope);
  if (client.audience !== null) form.set('audience', client.audience);
  const { address, acceptsForm } = await tokenEndpoint(client, ask);
  if (acceptsForm) {
    form.set('client_id', client.client_id);
    form.set('client_secret', secret);
  }
  const answer = await askJson(ask, address, client, secret, {
    method: 'POST',
    headers: {
      ...(acceptsForm ? {} : { authorization: basic(client.client_id, secret) }),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  });
  if (typeof answer.access_token === 'string' && answer.access_token !== '') return answer.access_token;
  throw refused(client, 'its response has no access_token');
}

interface TokenEndpoint {
  readonly address: string;
  /** Whether the secret may go into the form: that leaves no two readings of special characters. */
  readonly acceptsForm: boolean;
}

/** As the runtime finds it (authentication/oidc_tokens.py): an issuer that is written otherwise is refused by proxies, too. */
async function tokenEndpoint(client: OidcClient, ask: typeof fetch): Promise<TokenEndpoint> {
  const expected = client.issuer.replace(/\/+$/, '');
  const document = await askJson(ask, `${expected}/.well-known/openid-configuration`, client, '', {});
  const { token_endpoint: address, issuer, token_endpoint_auth_methods_supported: methods } = document;
  if (typeof address !== 'string') throw refused(client, 'its configuration has no token_endpoint');
  if (typeof issuer !== 'string') throw refused(client, 'its configuration has no issuer');
  if (issuer.replace(/\/+$/, '') !== expected) {
    const reason = `it identifies itself as ${redactText(issuer)}; if that is the right provider, set issuer to this value`;
    throw refused(client, reason);
  }
  return { address, acceptsForm: Array.isArray(methods) && methods.includes('client_secret_post') };
}

/** RFC 6749, 2.3.1: both halves are form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`;
}

async function askJson(
  ask: typeof fetch,
  address: string,
  client: OidcClient,
  secret: string,
  request: RequestInit,
): Promise<Record<string, unknown>> {
  try {
    const answer = await ask(address, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    const body = ((await answer.json().catch(() => null)) ?? {}) as Record<string, unknown>;
    if (answer.ok) return body;
    const reason = [body.error, body.error_description].filter((part) => typeof part === 'string').join(': ');
    throw refused(client, redactText(`HTTP ${answer.status} ${reason}`, [secret]));
  } catch (error) {
    if (error instanceof KdeployError) throw error;
    throw refused(client, `it ${connectionFailure(error, {}, { secrets: [secret] }).predicate}`);
  }
}

function refused({ issuer, client_id: id }: OidcClient, reason: string): KdeployError {
  return new KdeployError('credentials', `${issuer} did not issue an access token to the client ${id}: ${reason}`, {
    hint: 'check issuer, client_id and the client secret with the administrator of the provider',
  });
}

function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length);
}
