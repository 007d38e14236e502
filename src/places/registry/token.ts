import { basicCredentials, secretsOf, type Credentials } from './credentials/credentials.js';
import { isLoopback } from './endpoint.js';
import { rememberSecret } from '../../secrets/given-secrets.js';
import { RegistryError } from './registry-error.js';
import type { Reply, Transport } from './transport.js';

export interface BearerToken {
  readonly token: string;
  /** On the transport's clock; a little before the server's own time. */
  readonly expiresAt: number;
}

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
}

/** The token server refused what it was shown: not the image is forbidden, the credentials are wrong. */
export class TokenRefusal extends Error {
  constructor(readonly answer: RegistryError) {
    super(answer.message, { cause: answer });
    this.name = 'TokenRefusal';
  }
}

/** A token server that says nothing gives tokens for a minute (distribution, docs/spec/auth/token). */
const DEFAULT_LIFETIME_S = 60;
const MAXIMUM_TOKEN_BYTES = 1024 * 1024;

/**
 * The registry names the server that gets the password. It may be on another host (auth.docker.io), but never in clear
 * text, except on this machine: else a tampered 401 would be enough to read the password off the wire. `clearTextHost` is
 * one that the user wants to speak to without TLS.
 */
export function isTokenServerTrusted(realm: string, clearTextHost?: string): boolean {
  if (!URL.canParse(realm)) return false;
  const { protocol, hostname, username, password } = new URL(realm);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && (isLoopback(hostname) || hostname === clearTextHost));
}

/**
 * A bearer token: by GET with Basic credentials, or none (docs/spec/auth/token), or for an identity token by the OAuth2
 * refresh grant (docs/spec/auth/oauth).
 */
export async function fetchToken(transport: Transport, request: TokenRequest): Promise<BearerToken> {
  const askedAt = transport.clock.now();
  let reply: Reply;
  try {
    reply = await (request.credentials?.kind === 'identity-token'
      ? exchange(transport, request, request.credentials.token)
      : get(transport, request));
  } catch (error) {
    if (error instanceof RegistryError && [400, 401, 403].includes(error.status)) throw new TokenRefusal(error);
    throw error;
  }
  const { token, lifetime } = readToken(reply.body.toString('utf8'));
  if (token === undefined) {
    throw new RegistryError({
      status: reply.status,
      method: 'GET',
      url: request.realm.href,
      problems: [{ code: '', message: 'the token server responded without a token' }],
    });
  }
  rememberSecret(token);
  // Some seconds early, so that a token does not expire on its way.
  return { token, expiresAt: askedAt + Math.max(lifetime - 10, lifetime / 2) * 1000 };
}

function get(transport: Transport, { realm, service, scopes, credentials }: TokenRequest): Promise<Reply> {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const basic = credentials?.kind === 'password' ? credentials : undefined;
  if (basic !== undefined) url.searchParams.set('account', basic.username);
  return transport.send({
    method: 'GET',
    url,
    headers: basic === undefined ? {} : { Authorization: `Basic ${basicCredentials(basic)}` },
    expect: [200],
    maximumBytes: MAXIMUM_TOKEN_BYTES,
    secrets: secretsOf(credentials),
  });
}

function exchange(transport: Transport, { realm, service, scopes }: TokenRequest, token: string): Promise<Reply> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'kdeploy', refresh_token: token });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  return transport.send({
    method: 'POST',
    url: realm,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    expect: [200],
    maximumBytes: MAXIMUM_TOKEN_BYTES,
    secrets: [token],
  });
}

/** `token` and `access_token` mean the same; servers send either or both. */
function readToken(text: string): { token: string | undefined; lifetime: number } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const token = [fields.token, fields.access_token].find((field) => typeof field === 'string' && field !== '');
  const lifetime = fields.expires_in;
  return {
    // Nothing may be smuggled into the header by a line break.
    token: typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined,
    lifetime: typeof lifetime === 'number' && lifetime > 0 ? lifetime : DEFAULT_LIFETIME_S,
  };
}
