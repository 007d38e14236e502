import { expect } from 'chai';
import { fetchAccessToken, type OidcClient } from '../../../src/authentication/oidc-token.js';
import { everythingIn } from '../../support/everything-in.js';
import { FakeServer, type Answer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';

const SECRET = 'hunter2-secret';
const DISCOVERY = '/realms/ml/.well-known/openid-configuration';

describe('an access token by OpenID Connect', () => {
  /** Not a real OpenID provider, but a server that answers as Keycloak does. */
  let provider: FakeServer;
  let discovery: Answer;
  let token: Answer;

  beforeEach(async () => {
    provider = await FakeServer.start(({ url }) => (url === DISCOVERY ? discovery : url === '/token' ? token : {}));
    discovery = { body: { issuer: `${provider.url}/realms/ml`, token_endpoint: `${provider.url}/token` } };
    token = { body: { access_token: 'hunter2-from-the-provider', expires_in: 300, token_type: 'Bearer' } };
  });

  afterEach(() => provider.stop());

  const client = (changes: Partial<OidcClient> = {}): OidcClient => ({
    issuer: `${provider.url}/realms/ml`,
    client_id: 'training',
    scope: null,
    audience: null,
    ...changes,
  });
  const ask = (changes?: Partial<OidcClient>, secret = SECRET) => fetchAccessToken(client(changes), secret, fetch);

  describe('is asked for', () => {
    it('where the provider’s configuration says, by the client’s own credentials', async () => {
      expect(await ask()).to.equal('hunter2-from-the-provider');
      expect(provider.asked.map(({ method, url }) => `${method} ${url}`)).to.deep.equal([
        `GET ${DISCOVERY}`,
        'POST /token',
      ]);
      const [looked, asked] = provider.asked;
      expect(asked?.headers['content-type']).to.equal('application/x-www-form-urlencoded');
      expect(asked?.headers.authorization).to.equal(`Basic ${Buffer.from(`training:${SECRET}`).toString('base64')}`);
      expect(asked?.body).to.equal('grant_type=client_credentials');
      expect(looked?.headers.authorization, 'the configuration is public').to.equal(undefined);
    });

    it('with the scope and audience that are configured', async () => {
      await ask({ scope: 'mlflow openid', audience: 'https://mlflow.example.com' });
      expect(Object.fromEntries(new URLSearchParams(provider.asked[1]?.body))).to.deep.equal({
        grant_type: 'client_credentials',
        scope: 'mlflow openid',
        audience: 'https://mlflow.example.com',
      });
    });

    it('with the secret in the form where the provider accepts that, as the container does', async () => {
      const document = { issuer: `${provider.url}/realms/ml`, token_endpoint: `${provider.url}/token` };
      discovery = { body: { ...document, token_endpoint_auth_methods_supported: ['client_secret_post'] } };
      await ask({}, 'hunter2 &=ü');
      expect(provider.asked[1]?.headers.authorization).to.equal(undefined);
      expect(Object.fromEntries(new URLSearchParams(provider.asked[1]?.body))).to.deep.equal({
        grant_type: 'client_credentials',
        client_id: 'training',
        client_secret: 'hunter2 &=ü',
      });
    });

    for (const ending of ['/', '//']) {
      it(`at the same place when the issuer ends in ${ending}`, async () => {
        await ask({ issuer: `${provider.url}/realms/ml${ending}` });
        expect(provider.asked[0]?.url).to.equal(DISCOVERY);
      });
    }

    // RFC 6749, 2.3.1 and appendix B: without the encoding a colon in the ID would end it.
    const pairs: readonly [id: string, secret: string, pair: string][] = [
      ['a:b', 'c:d', 'a%3Ab:c%3Ad'],
      ['a b', 'c+d', 'a+b:c%2Bd'],
      ['a%20', 'c&d=e', 'a%2520:c%26d%3De'],
      ['ä', '€/', '%C3%A4:%E2%82%AC%2F'],
      ['a-b_c.d*', 'plain', 'a-b_c.d*:plain'],
    ];
    for (const [id, secret, pair] of pairs) {
      it(`with ${JSON.stringify(id)} and ${JSON.stringify(secret)} form-encoded in the Basic header`, async () => {
        await ask({ client_id: id }, secret);
        const [, sent = ''] = (provider.asked[1]?.headers.authorization ?? '').split(' ');
        expect(Buffer.from(sent, 'base64').toString()).to.equal(pair);
      });
    }
  });

  describe('that is not given', () => {
    const html: Answer = { status: 503, headers: { 'Content-Type': 'text/html' }, body: '<html>hunter2-page</html>' };

    const refusals: readonly [what: string, answer: Answer, reason: string | RegExp][] = [
      [
        'to a client whom the provider does not know',
        { status: 401, body: { error: 'invalid_client', error_description: 'Invalid client credentials' } },
        'HTTP 401 invalid_client: Invalid client credentials',
      ],
      ['for a scope there is not', { status: 400, body: { error: 'invalid_scope' } }, 'HTTP 400 invalid_scope'],
      ['by a provider that answers in HTML', html, 'HTTP 503'],
      ['by an answer in HTML that says all is well', { ...html, status: 200 }, 'its response has no access_token'],
      ['by an answer without a token', { body: { token_type: 'Bearer' } }, 'its response has no access_token'],
      ['by an answer whose token is empty', { body: { access_token: '' } }, 'its response has no access_token'],
      ['by an answer whose token is no text', { body: { access_token: 5 } }, 'its response has no access_token'],
      ['by an answer that is null', { body: null }, 'its response has no access_token'],
      ['by an error that is null', { status: 500, body: null }, 'HTTP 500'],
      [
        'by a provider that sends the secret on to somebody else',
        { status: 307, headers: { Location: 'http://127.0.0.1:9/token' } },
        'it cannot be reached (unexpected redirect)',
      ],
      ['by a provider that hangs up', 'hang-up', 'it closed the connection without a response'],
      [
        'by a provider that quotes the secret',
        { status: 401, body: { error: 'invalid_client', error_description: `wrong secret ${SECRET} given` } },
        'HTTP 401 invalid_client: wrong secret *** given',
      ],
      [
        'by a provider that quotes the header',
        {
          status: 400,
          body: { error: `no client for Basic ${Buffer.from(`training:${SECRET}`).toString('base64')}` },
        },
        'HTTP 400 no client for Basic ***',
      ],
    ];
    for (const [what, answer, reason] of refusals) {
      it(`${what} is told with the provider’s reason, and no secret`, async () => {
        token = answer;
        const error = await rejection(ask());
        expect(error).to.include({
          code: 'credentials',
          message: `${provider.url}/realms/ml did not issue an access token to the client training: ${String(reason)}`,
          hint: 'check issuer, client_id and the client secret with the administrator of the provider',
        });
        expect(everythingIn(error)).not.to.match(/hunter2|aHVudGVyMi|dHJhaW5pbmc6/);
        expect(provider.asked).to.have.length(2);
      });
    }

    const configurations: readonly [what: string, answer: Answer, reason: string][] = [
      ['is not there', { status: 404, body: { error: 'Realm does not exist' } }, 'HTTP 404 Realm does not exist'],
      ['is a web page', { body: '<html>' }, 'its configuration has no token_endpoint'],
      ['names no place to ask', { body: { issuer: 'x' } }, 'its configuration has no token_endpoint'],
      ['names no address', { body: { token_endpoint: 5 } }, 'its configuration has no token_endpoint'],
      ['is null', { body: null }, 'its configuration has no token_endpoint'],
      ['names no issuer', { body: { token_endpoint: '/token' } }, 'its configuration has no issuer'],
      [
        'is another provider’s',
        { body: { token_endpoint: '/token', issuer: 'https://me:hunter2@login.example.com' } },
        'it identifies itself as https://***@login.example.com; if that is the right provider, set issuer to this value',
      ],
      [
        'names a text that is not a URL',
        { body: { token_endpoint: '/token', issuer: 'ISSUER' } },
        'it cannot be reached (Invalid URL)',
      ],
      ['is elsewhere', { status: 302, headers: { Location: '/login' } }, 'it cannot be reached (unexpected redirect)'],
    ];
    for (const [what, answer, reason] of configurations) {
      it(`because the provider’s configuration ${what} is told, and nobody gets the secret`, async () => {
        const text = JSON.stringify(answer).replace('ISSUER', `${provider.url}/realms/ml`);
        discovery = JSON.parse(text) as Answer;
        const error = await rejection(ask());
        expect(error.message).to.equal(
          `${provider.url}/realms/ml did not issue an access token to the client training: ${reason}`,
        );
        expect(everythingIn(error)).not.to.contain('hunter2');
        expect(provider.asked.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
      });
    }

    it('because nobody listens there is told', async () => {
      const issuer = `${provider.url}/realms/ml`;
      await provider.stop();
      expect((await rejection(ask())).message).to.equal(
        `${issuer} did not issue an access token to the client training: it refused the connection`,
      );
      provider = await FakeServer.start();
    });

    it('because none of a host’s addresses answers is told, though the error has no words of its own', async () => {
      const refused = Object.assign(new Error('connect ECONNREFUSED ::1:443'), { code: 'ECONNREFUSED' });
      const cause = new AggregateError([refused], '');
      const nobody = () => Promise.reject(new TypeError('fetch failed', { cause }));
      const error = await rejection(fetchAccessToken(client(), SECRET, nobody));
      expect(error.message).to.match(/: it refused the connection$/);
    });
  });
});
