import { expect } from 'chai';
import { KdeployError } from '../../../../src/errors.js';
import { connectionErrorOf } from '../../../../src/places/registry/connection-error.js';
import { explain, loginHint } from '../../../../src/places/registry/explain.js';
import { RegistryError } from '../../../../src/places/registry/registry-error.js';
import { TokenRefusal } from '../../../../src/places/registry/token.js';
import type { CredentialLookup } from '../../../../src/places/registry/credentials/credentials.js';

const URL_ = 'https://r.io/v2/?x=hunter2';

describe('an explanation', () => {
  const codes: [code: string | undefined, words: string, isTemporary: boolean][] = [
    ['ENOTFOUND', 'r.io cannot be found: its host name does not resolve', false],
    ['EAI_AGAIN', 'r.io cannot be found: the DNS lookup failed', true],
    ['ECONNREFUSED', 'r.io refused the connection', false],
    ['ENETUNREACH', 'r.io is not reachable: there is no route to it', false],
    ['UND_ERR_CONNECT_TIMEOUT', 'r.io did not respond in time', false],
    ['ECONNRESET', 'r.io closed the connection without a response', true],
    ['UND_ERR_SOCKET', 'r.io closed the connection without a response', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'r.io has a certificate from an authority that is not trusted', false],
    ['CERT_HAS_EXPIRED', 'r.io has a certificate that has expired', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'r.io has a certificate for another host name', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'r.io does not support HTTPS', false],
    ['E_NEW', 'r.io cannot be reached', false],
    [undefined, 'r.io cannot be reached', false],
  ];
  for (const [code, words, isTemporary] of codes) {
    it(`of ${code ?? 'no code'} is "${words}", with a next step`, () => {
      // As fetch throws it: the reason is one level down.
      const cause = Object.assign(new Error('hunter2'), code === undefined ? {} : { code });
      const error = connectionErrorOf(new TypeError('fetch failed', { cause }), 'GET', URL_);
      expect(error.temporary()).to.equal(isTemporary);
      const explained = explain(error, { registry: 'r.io' });
      if (!(explained instanceof KdeployError)) throw new Error('not explained');
      expect(explained.code).to.equal('registry-unreachable');
      expect(explained.message).to.equal(words);
      expect(explained.hint).to.be.a('string').and.not.equal('');
      expect(String(explained.cause)).not.to.contain('hunter2');
    });
  }

  it('of an address with two tries, IPv6 and IPv4, takes the reason of the first', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const both = new AggregateError([refused, refused]);
    expect(connectionErrorOf(new TypeError('fetch failed', { cause: both }), 'GET', URL_).problem).to.equal('refused');
  });

  it('names the other host, when it is not the registry that failed', () => {
    const cause = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    const error = connectionErrorOf(cause, 'GET', 'https://auth.r.io/token');
    const explained = explain(error, { registry: 'r.io', what: 'r.io/app:v1' });
    expect(explained).to.have.property(
      'message',
      'auth.r.io cannot be found: its host name does not resolve (needed for r.io/app:v1)',
    );
  });

  it("does not take another host's 403 for a matter of credentials", () => {
    const error = new RegistryError({ status: 403, method: 'GET', url: 'https://s3.example.com/b', problems: [] });
    expect(explain(error, { registry: 'r.io', what: 'r.io/app' })).to.include({
      code: 'registry-unreachable',
      message: 's3.example.com returned an unexpected response for r.io/app (status 403)',
    });
  });

  const found: CredentialLookup = {
    registry: 'r.io',
    credentials: { kind: 'password', username: 'me', password: 'hunter2' },
    source: 'auths (~/.docker/config.json)',
    failures: [],
    looked: ['~/.docker/config.json'],
  };
  const none: CredentialLookup = {
    registry: 'r.io',
    failures: [],
    looked: ['DOCKER_AUTH_CONFIG', '~/.docker/config.json'],
  };
  const failed = [{ source: 'credsStore desktop', reason: 'it is not on PATH' }];
  const answer = (status: number, url = URL_, retryAfterMs?: number) =>
    new RegistryError({ status, method: 'GET', url, problems: [], retryAfterMs });
  const refusals: readonly (readonly [
    who: string,
    error: Error,
    lookup: CredentialLookup | undefined,
    words: string,
  ])[] = [
    [
      'the registry, with credentials',
      answer(401),
      found,
      'r.io rejected the credentials from auths (~/.docker/config.json)',
    ],
    [
      'the registry, which knows them',
      answer(403),
      found,
      'r.io/app:v1 does not exist, or the credentials from auths (~/.docker/config.json) have no access to it',
    ],
    [
      'the token server, whatever its status',
      new TokenRefusal(answer(403, 'https://auth.r.io/token')),
      found,
      'r.io rejected the credentials from auths (~/.docker/config.json)',
    ],
    [
      'the registry, without credentials',
      answer(401),
      none,
      'r.io requires credentials for r.io/app:v1, but none were found; looked in DOCKER_AUTH_CONFIG, ~/.docker/config.json',
    ],
    [
      'the token server, without credentials',
      new TokenRefusal(answer(401, 'https://auth.r.io/token')),
      { ...none, failures: failed },
      'r.io requires credentials for r.io/app:v1, but none were found; looked in DOCKER_AUTH_CONFIG, ~/.docker/config.json; credsStore desktop: it is not on PATH',
    ],
    [
      'the registry, where one of two helpers failed',
      answer(401),
      { ...found, failures: failed },
      'r.io rejected the credentials from auths (~/.docker/config.json); credsStore desktop: it is not on PATH',
    ],
    [
      'the registry, before any were looked for',
      answer(403),
      undefined,
      'r.io requires credentials for r.io/app:v1, but none were found',
    ],
  ];
  it('of credentials that a variable has tells to change the variable, which goes before any login', () => {
    const lookup = { ...found, source: 'auths (DOCKER_AUTH_CONFIG)' };
    expect(explain(answer(401), { registry: 'r.io', lookup })).to.include({
      message: 'r.io rejected the credentials from auths (DOCKER_AUTH_CONFIG)',
      hint: 'correct DOCKER_AUTH_CONFIG, or unset it',
    });
  });

  for (const [who, error, lookup, words] of refusals) {
    it(`of a refusal by ${who}`, () => {
      const explained = explain(error, { registry: 'r.io', what: 'r.io/app:v1', lookup });
      expect(explained).to.include({ code: 'credentials', message: words, hint: 'run `docker login r.io`' });
      expect((explained as KdeployError).cause).to.equal(error instanceof TokenRefusal ? error.answer : error);
    });
  }

  it('of a refusal names the registry, where nothing else was asked for', () => {
    expect(explain(answer(401), { registry: 'r.io' })).to.have.property(
      'message',
      'r.io requires credentials for r.io, but none were found',
    );
  });

  const tried = Object.assign(answer(503), { attempts: 4 });
  const answers: readonly (readonly [error: RegistryError, what: string | undefined, words: string, hint: string])[] = [
    [answer(429), undefined, 'the rate limit of r.io is exceeded', 'wait, or log in to get a higher limit'],
    [
      answer(429, URL_, 1500),
      'r.io/app',
      'the rate limit of r.io is exceeded for r.io/app; it asks to wait 2 s',
      'wait, or log in to get a higher limit',
    ],
    [answer(503), 'r.io/app', 'r.io returned status 503 for r.io/app', 'try again later'],
    [tried, undefined, 'r.io returned status 503 (tried 4 times)', 'try again later'],
    [
      answer(404),
      undefined,
      'r.io did not respond like a container registry (status 404)',
      'check that r.io is the address of the registry',
    ],
    [
      answer(404),
      'r.io/app',
      'r.io returned an unexpected response for r.io/app (status 404)',
      'check that r.io is the address of the registry',
    ],
  ];
  for (const [error, what, words, hint] of answers) {
    it(`of an answer: ${words}`, () => {
      const code = 'registry-unreachable';
      expect(explain(error, { registry: 'r.io', what })).to.include({ code, message: words, hint });
    });
  }

  it('says how often it was tried', () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const error = Object.assign(connectionErrorOf(cause, 'GET', URL_), { attempts: 4 });
    expect(explain(error, { registry: 'r.io' })).to.include({
      message: 'r.io refused the connection (tried 4 times)',
      hint: 'check that the registry is running, and that the port is right',
    });
  });

  it('leaves other errors as they are', () => {
    const bug = new TypeError('x is not a function');
    expect(explain(bug, { registry: 'r.io' })).to.equal(bug);
  });
});

describe('the hint to log in', () => {
  it('is the command that serves the registry', () => {
    expect(loginHint('r.io:5000')).to.equal('run `docker login r.io:5000`');
    expect(loginHint('docker.io')).to.equal('run `docker login`');
    expect(loginHint('europe-docker.pkg.dev')).to.equal(
      'run `gcloud auth configure-docker europe-docker.pkg.dev`, or `gcloud auth application-default login`',
    );
    expect(loginHint('europe-docker.pkg.dev.example.com')).to.contain('docker login');
  });
});
