import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import { FakeServer, type Answer, type Asked } from './fake-server.js';

export const ACCOUNT = 'runner@acme.iam.gserviceaccount.com';
export const SUBJECT_TOKEN = 'hunter2-subject-token';
const ACCESS_TOKEN = 'hunter2-access-token';
const GOOGLES_TOKEN_ENDPOINT = 'https://oauth2.googleapis.com/token';

/**
 * Plays Google: not its servers, but one that checks what it is asked with as they do (signature, scope, subject token)
 * and answers in their words. The runtime's tests have the same (test/runtime/token_issuer.py).
 */
export class GoogleIssuer {
  /** Answers everything where it is set. */
  answer: Answer | undefined;
  lifetimeSeconds = 3600;

  private constructor(
    readonly server: FakeServer,
    private readonly publicKey: KeyObject,
    private readonly privateKey: string,
  ) {}

  static async start(): Promise<GoogleIssuer> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const server = await FakeServer.start();
    const issuer = new GoogleIssuer(server, publicKey, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    server.answer = (asked) => issuer.answer ?? issuer.respond(asked);
    return issuer;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  get paths(): string[] {
    return this.server.asked.map(({ url }) => (url.split('?')[0] ?? '').replace(/^.*[/:]/, ''));
  }

  key(changes: object = {}): object {
    return {
      type: 'service_account',
      client_email: ACCOUNT,
      private_key_id: 'hunter2-key-id',
      private_key: this.privateKey,
      token_uri: `${this.server.url}/token`,
      ...changes,
    };
  }

  user(): object {
    return {
      type: 'authorized_user',
      client_id: 'x',
      client_secret: 'hunter2-client',
      refresh_token: 'hunter2-refresh',
      token_uri: `${this.server.url}/token`,
    };
  }

  federation(source: object): object {
    return {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${this.server.url}/sts`,
      credential_source: source,
      service_account_impersonation_url: this.impersonationUrl,
    };
  }

  impersonation(source: object): object {
    return {
      type: 'impersonated_service_account',
      service_account_impersonation_url: this.impersonationUrl,
      source_credentials: source,
    };
  }

  /** The claims of an ID token that this issuer gave. */
  static claimsOf(token: string): Record<string, unknown> {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  }

  private get impersonationUrl(): string {
    return `${this.server.url}/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`;
  }

  private idToken(audience: unknown): string {
    const claims = { aud: audience, email: ACCOUNT, exp: Math.floor(Date.now() / 1000) + this.lifetimeSeconds };
    return ['{}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  }

  private respond({ url, headers, body }: Asked): Answer {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const form = Object.fromEntries(new URLSearchParams(body));
    if (pathname === '/token') return this.byGrant(form);
    if (pathname === '/subject') return { body: SUBJECT_TOKEN };
    if (pathname === '/sts') return form.subject_token === SUBJECT_TOKEN ? ACCESS : REFUSED;
    if (pathname.endsWith(':generateIdToken')) {
      return headers.authorization === `Bearer ${ACCESS_TOKEN}`
        ? { body: { token: this.idToken((JSON.parse(body) as { audience: string }).audience) } }
        : {
            status: 403,
            body: { error: { code: 403, status: 'PERMISSION_DENIED', message: 'getOpenIdToken denied' } },
          };
    }
    if (pathname.startsWith('/computeMetadata/'))
      return headers['metadata-flavor'] === 'Google'
        ? { body: this.idToken(searchParams.get('audience')) }
        : { status: 403 };
    return { status: 404 };
  }

  private byGrant({ assertion = '', refresh_token: refresh }: Record<string, string>): Answer {
    if (refresh !== undefined) return refresh === 'hunter2-refresh' ? ACCESS : REFUSED;
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const isSigned = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      this.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    const claims = GoogleIssuer.claimsOf(assertion);
    if (!isSigned || claims.aud !== GOOGLES_TOKEN_ENDPOINT || claims.iss !== ACCOUNT) return REFUSED;
    if (claims.target_audience === undefined) return claims.scope === undefined ? REFUSED : ACCESS;
    return { body: { id_token: this.idToken(claims.target_audience) } };
  }
}

const ACCESS: Answer = {
  body: {
    access_token: ACCESS_TOKEN,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 3600,
  },
};
const REFUSED: Answer = { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
