import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { connectionErrorOf } from '../../../src/registry/connection-error.js';
import { explain, loginHint } from '../../../src/registry/explain.js';
import { RegistryError } from '../../../src/registry/registry-error.js';

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

  it('leaves other errors as they are', () => {
    const bug = new TypeError('x is not a function');
    expect(explain(bug, { registry: 'r.io' })).to.equal(bug);
  });
});

describe('the hint to log in', () => {
  it('is the command that serves the registry', () => {
    expect(loginHint('r.io:5000')).to.equal('run `docker login r.io:5000`');
    expect(loginHint('docker.io')).to.equal('run `docker login`');
    expect(loginHint('europe-docker.pkg.dev')).to.contain('`gcloud auth configure-docker europe-docker.pkg.dev`');
    expect(loginHint('europe-docker.pkg.dev.example.com')).to.contain('docker login');
  });
});
