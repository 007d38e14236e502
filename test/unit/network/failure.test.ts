import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  connectionFailure,
  connectionProblem,
  SENTENCES,
  type ConnectionProblem,
} from '../../../src/network/failure.js';

/** The runtime's tests read the same file (test/runtime/test_network_failure.py). */
const SHARED = JSON.parse(readFileSync(new URL('../../fixtures/network.json', import.meta.url), 'utf8')) as {
  readonly problems: Readonly<Record<string, { readonly predicate: string; readonly remedy: string }>>;
};

/** What fetch throws. */
const failed = (cause: unknown): TypeError => new TypeError('fetch failed', { cause });
const withCode = (code: string, words = 'words'): Error => Object.assign(new Error(words), { code });

describe('why a server gave no response', () => {
  it('is said in the words that the runtime has', () => {
    const ours = Object.entries(SENTENCES).map(([problem, [predicate, remedy]]) => [problem, { predicate, remedy }]);
    expect(Object.fromEntries(ours)).to.deep.equal(SHARED.problems);
  });

  const codes: readonly [code: string, problem: ConnectionProblem][] = [
    ['ENOTFOUND', 'unknown-host'],
    ['EAI_AGAIN', 'name-service'],
    ['ECONNREFUSED', 'refused'],
    ['ENETUNREACH', 'unreachable'],
    ['ETIMEDOUT', 'timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_SOCKET', 'reset'],
    ['ECONNRESET', 'reset'],
    ['ERR_PROXY_407', 'proxy'],
    ['HPE_INVALID_CONSTANT', 'not-http'],
    ['CERT_HAS_EXPIRED', 'certificate-expired'],
    ['CERT_NOT_YET_VALID', 'certificate-not-yet-valid'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate-of-unknown-authority'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-of-unknown-authority'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate-of-unknown-authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-of-another-host'],
    ['CERT_REVOKED', 'certificate-invalid'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'other'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-https'],
    ['EPROTO', 'not-https'],
    ['UND_ERR_PRX_TLS', 'proxy'],
    ['ERR_INVALID_URL', 'other'],
  ];
  for (const [code, problem] of codes) {
    it(`is ${problem} for the code ${code}`, () => {
      expect(connectionProblem(failed(withCode(code)))).to.equal(problem);
    });
  }

  it('is a timeout where we stop waiting', () => {
    expect(connectionProblem(new DOMException('aborted', 'TimeoutError'))).to.equal('timeout');
  });

  it('is that of the first address of a host with several', () => {
    const error = failed(new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')], ''));
    expect(connectionProblem(error)).to.equal('refused');
  });

  const words: readonly [what: string, error: unknown, predicate: string][] = [
    [
      'the sentence alone where there is one',
      failed(withCode('ECONNREFUSED', 'connect ECONNREFUSED ::1:1')),
      'refused the connection',
    ],
    ['the innermost words where there is none', failed(failed(new Error('strange'))), 'cannot be reached (strange)'],
    ['the code where there are no words', failed(withCode('ESTRANGE', '')), 'cannot be reached (ESTRANGE)'],
    ['whatever was thrown', 'gone', 'cannot be reached (gone)'],
    ['neither words nor code', new Error(''), 'cannot be reached (no reason is given)'],
    [
      'words without the password of an address',
      new TypeError('no way to https://me:hunter2-secret@mlflow.acme.io'),
      'cannot be reached (no way to https://***@mlflow.acme.io)',
    ],
    [
      'words without a header that was sent',
      new TypeError('"Bearer hunter2@token" is an invalid header value'),
      'cannot be reached ("***" is an invalid header value)',
    ],
  ];
  for (const [what, error, predicate] of words) {
    it(`is told by ${what}`, () => {
      expect(connectionFailure(error, {}, { secrets: ['Bearer hunter2@token'] }).predicate).to.equal(predicate);
    });
  }

  const untrusted = failed(withCode('SELF_SIGNED_CERT_IN_CHAIN'));
  const remedies: readonly [environment: NodeJS.ProcessEnv, remedy: string][] = [
    [{}, 'set THIS or THAT to the CA certificate of the server'],
    [{ SSL_CERT_FILE: '' }, 'set THIS or THAT to the CA certificate of the server'],
    [
      { SSL_CERT_FILE: '/ca.pem' },
      "set THIS or THAT to the CA certificate of the server; MLflow's client does not read SSL_CERT_FILE",
    ],
    [
      { SSL_CERT_DIR: '/ca' },
      "set THIS or THAT to the CA certificate of the server; MLflow's client does not read SSL_CERT_DIR",
    ],
  ];
  for (const [environment, remedy] of remedies) {
    it(`names the variable that is read for an authority, with ${JSON.stringify(environment)}`, () => {
      expect(connectionFailure(untrusted, environment, { bundle: 'THIS or THAT' }).remedy).to.equal(remedy);
    });
  }
});
