import { KdeployError } from '../../errors.js';
import { rememberSecret } from '../../secrets/given-secrets.js';
import { pickChallenge, type KnownChallenge } from './challenge.js';
import { basicCredentials, secretsOf, type CredentialLookup } from './credentials/credentials.js';
import { redactUrl } from './redact.js';
import { fetchToken, isTokenServerTrusted, type BearerToken } from './token.js';
import type { Transport } from './transport.js';

/** The scope of what kdeploy reads (distribution, docs/spec/auth/scope). */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

/** The scope of what kdeploy writes: without `pull`, a registry may refuse to say what it has. */
export function pushScope(repository: string): string {
  return `repository:${repository}:pull,push`;
}

/**
 * Turns a registry's challenge into an Authorization header, and remembers both: the challenge, so that only the first
 * request is refused, and one token per scope until shortly before it expires. The credentials are looked up at the
 * first challenge; an open registry starts no credential helper.
 */
export class Authorizer {
  readonly #registry: string;
  readonly #transport: Transport;
  readonly #find: () => Promise<CredentialLookup>;
  readonly #clearTextHost: string | undefined;
  readonly #tokens = new Map<string, Promise<BearerToken>>();
  #challenge: KnownChallenge | undefined;
  #lookup: Promise<CredentialLookup> | undefined;

  /** `clearTextHost`: the registry's, where the user wants to speak to it without TLS; its token server is often there, too. */
  constructor(registry: string, transport: Transport, find: () => Promise<CredentialLookup>, clearTextHost?: string) {
    this.#registry = registry;
    this.#transport = transport;
    this.#find = find;
    this.#clearTextHost = clearTextHost;
  }

  lookup(): Promise<CredentialLookup> {
    return (this.#lookup ??= this.#find().then((lookup) => {
      for (const secret of secretsOf(lookup.credentials)) rememberSecret(secret);
      return lookup;
    }));
  }

  /** The search so far; `undefined` when no challenge has made it necessary. */
  lookedUp(): Promise<CredentialLookup> | undefined {
    return this.#lookup;
  }

  /** How the registry wants to be shown credentials; `undefined` while it has not asked. */
  get scheme(): 'basic' | 'bearer' | undefined {
    return this.#challenge?.scheme;
  }

  /** The header for a scope, as far as it is known before asking. */
  async header(scope: string): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined;
    return this.#headerFor(this.#challenge, scope);
  }

  /**
   * The header that answers a 401. `rejected` is the one that was refused: an old token is fetched anew, a password that
   * was refused is not tried again. `undefined`: there is nothing (better) to show.
   */
  async answer(wwwAuthenticate: string | null, scope: string, rejected?: string): Promise<string | undefined> {
    const challenge = pickChallenge(wwwAuthenticate);
    if (challenge === undefined) return undefined;
    this.#challenge = challenge;
    const current = this.#tokens.get(scope);
    if (current !== undefined && rejected === `Bearer ${(await current).token}`) this.#forget(scope, current);
    const header = await this.#headerFor(challenge, scope);
    return header === rejected ? undefined : header;
  }

  async #headerFor(challenge: KnownChallenge, scope: string): Promise<string | undefined> {
    const { credentials } = await this.lookup();
    if (credentials?.kind === 'registry-token') return `Bearer ${credentials.token}`;
    if (challenge.scheme === 'basic') {
      return credentials?.kind === 'password' ? `Basic ${basicCredentials(credentials)}` : undefined;
    }
    return `Bearer ${await this.#token(challenge, scope)}`;
  }

  async #token(challenge: KnownChallenge, scope: string): Promise<string> {
    for (let current = this.#tokens.get(scope); current !== undefined; current = this.#tokens.get(scope)) {
      const { token, expiresAt } = await current;
      if (expiresAt > this.#transport.clock.now()) return token;
      this.#forget(scope, current);
    }
    // The promise is kept, not the token: requests that start together share one.
    const fetched = this.#fetch(challenge, scope);
    this.#tokens.set(scope, fetched);
    try {
      return (await fetched).token;
    } catch (error) {
      this.#forget(scope, fetched);
      throw error;
    }
  }

  /** Only this one: another request may have put a newer one in its place meanwhile. */
  #forget(scope: string, token: Promise<BearerToken> | undefined): void {
    if (this.#tokens.get(scope) === token) this.#tokens.delete(scope);
  }

  async #fetch({ parameters }: KnownChallenge, scope: string): Promise<BearerToken> {
    const { realm = '', service, scope: asked = '' } = parameters;
    if (!isTokenServerTrusted(realm, this.#clearTextHost)) {
      throw new KdeployError(
        'registry-unreachable',
        `${this.#registry} names a token server that kdeploy does not send credentials to: ${redactUrl(realm)}`,
        { hint: 'the token server must use HTTPS (plain HTTP is allowed only on this machine)' },
      );
    }
    // The server may want more than we know of; asking for both costs nothing.
    const scopes = [...new Set([...scope.split(' '), ...asked.split(' ')])].filter((one) => one !== '');
    const { credentials } = await this.lookup();
    return fetchToken(this.#transport, { realm: new URL(realm), service, scopes, credentials });
  }
}
