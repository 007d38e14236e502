import { createSign, randomUUID, X509Certificate } from 'node:crypto';

import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { selfSigned, type SelfSigned } from '../certificates.js';
import type { TokenIssuer } from '../environment/registry.js';
import { FakeServer, type Answer, type Asked } from '../fake-server.js';

/** Registries take a token for so much longer than it says itself, for clocks differ (distribution, registry/auth/token). */
const LEEWAY_SECONDS = 60;
const [SERVICE, ISSUER] = ['registries of the tests', 'token server of the tests'];

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface TokenServerOptions extends Credentials {
  /** A refresh token that is as good as the password: `docker login` keeps one where a server gives it. */
  readonly identityToken?: string;
}

/**
 * A token server as registries of 2.8 and v3 want it (distribution, docs/spec/auth/token and oauth): one user, who may do what
 * `grants` says, and real tokens, signed with RS256.
 */
export class TokenServer {
  /** What it says of how long a token is good. */
  promisedSeconds = 300;
  /** How long a registry takes it. */
  honouredSeconds = 300;
  /** What of the scopes that are asked for a token is for. */
  grants: (scopes: readonly string[]) => readonly string[] = (scopes) => scopes;
  /** Where it sends everybody instead, with 307. */
  redirect: string | undefined;
  /** The scopes that each token was given for, in order. */
  readonly issued: (readonly string[])[] = [];

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly signer: SelfSigned,
    private readonly server: FakeServer,
    private readonly options: TokenServerOptions,
  ) {
    server.answer = (asked) => this.#answer(asked);
  }

  static async start(options: TokenServerOptions): Promise<TokenServer> {
    const folder = await TemporaryFolder.create();
    return new TokenServer(
      folder,
      await selfSigned(folder, 'tokens', 'IP:127.0.0.1', 'rsa'),
      await FakeServer.start(),
      options,
    );
  }

  /** What a registry is told of it. */
  get issuer(): TokenIssuer {
    // By name: crane takes no address of this machine's from a registry at another port.
    const realm = `${this.server.url.replace('127.0.0.1', 'localhost')}/token`;
    return { realm, service: SERVICE, issuer: ISSUER, certificate: this.signer.file };
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.folder.remove();
  }

  #answer({ method, url, headers, body }: Asked): Answer {
    const form = new URLSearchParams(body);
    if (this.redirect !== undefined) return { status: 307, headers: { Location: this.redirect } };
    if (!this.#isUser(headers.authorization, form)) return { status: 401, body: { details: 'wrong password' } };
    const asked = new URL(url, this.server.url).searchParams.getAll('scope');
    // Some clients repeat the parameter, others put spaces between the scopes.
    const scopes = [...asked, form.get('scope') ?? '']
      .join(' ')
      .split(' ')
      .filter((each) => each !== '');
    const granted = this.grants(scopes);
    this.issued.push(granted);
    const token = this.#signed(granted);
    const named = method === 'POST' ? { access_token: token } : { token };
    return { status: 200, body: { ...named, expires_in: this.promisedSeconds } };
  }

  #isUser(authorization: string | undefined, form: URLSearchParams): boolean {
    const { username, password, identityToken } = this.options;
    if (identityToken !== undefined && form.get('refresh_token') === identityToken) return true;
    return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  #signed(scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const header = {
      typ: 'JWT',
      alg: 'RS256',
      x5c: [new X509Certificate(this.signer.certificate).raw.toString('base64')],
    };
    const claims = {
      iss: ISSUER,
      aud: SERVICE,
      sub: this.options.username,
      jti: randomUUID(),
      iat: now - LEEWAY_SECONDS,
      nbf: now - LEEWAY_SECONDS,
      exp: now + this.honouredSeconds - LEEWAY_SECONDS,
      access: scopes.map((scope) => accessIn(scope)),
    };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(this.signer.key, 'base64url')}`;
  }
}

/** `repository:team/app:pull,push` */
function accessIn(scope: string): object {
  const [, type, name, actions = ''] = /^([^:]*):(.*):([^:]*)$/.exec(scope) ?? [];
  return { type, name, actions: actions.split(',') };
}
