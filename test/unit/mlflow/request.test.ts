import { expect } from 'chai';
import { requestFailure, requestMlflow } from '../../../src/mlflow/request.js';
import { FakeServer } from '../../support/fake-server.js';

describe('a request to an MLflow server', () => {
  /** Not an MLflow, but a server that keeps what it was asked. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start(() => ({ status: 302, headers: { Location: '/login' } }));
  });

  afterEach(() => server.stop());

  for (const ending of ['', '/', '//']) {
    it(`goes below the path of the URI, however that ends (${JSON.stringify(ending)})`, async () => {
      await requestMlflow(`${server.url}/team/mlflow${ending}`, 'api/x?y=z');
      expect(server.asked.map(({ method, url }) => `${method} ${url}`)).to.deep.equal(['GET /team/mlflow/api/x?y=z']);
    });
  }

  it('carries the headers that are given, and follows no redirect with them', async () => {
    const headers = { Authorization: 'Bearer hunter2-token', 'Proxy-Authorization': 'Bearer hunter2-other' };
    expect(await requestMlflow(server.url, 'version', { headers })).to.have.property('status', 302);
    expect(server.asked).to.have.length(1);
    expect(server.asked[0]?.headers).to.include({
      authorization: 'Bearer hunter2-token',
      'proxy-authorization': 'Bearer hunter2-other',
    });
  });

  it('carries the user and password of the URI as Basic, decoded, unless there is something better', async () => {
    const uri = `http://me%40acme.io:hunter2%3A@${server.host}`;
    await requestMlflow(uri, 'version');
    await requestMlflow(uri, 'version', { headers: { Authorization: 'Bearer hunter2-token' } });
    expect(server.asked.map(({ headers }) => headers.authorization)).to.deep.equal([
      `Basic ${Buffer.from('me@acme.io:hunter2:').toString('base64')}`,
      'Bearer hunter2-token',
    ]);
  });

  describe('that gets no answer', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5000'), { code: 'ECONNREFUSED' });
    const failures: readonly [what: string, error: unknown, words: string][] = [
      [
        'by its code and innermost words',
        new TypeError('fetch failed', { cause: refused }),
        'ECONNREFUSED: connect ECONNREFUSED ::1:5000',
      ],
      [
        'by the first of several addresses',
        new TypeError('fetch failed', { cause: new AggregateError([refused, new Error('other')], '') }),
        'ECONNREFUSED: connect ECONNREFUSED ::1:5000',
      ],
      ['by its own words where it has no code', new Error('aborted due to timeout'), 'aborted due to timeout'],
      ['by whatever else was thrown', 'gone', 'gone'],
      [
        'without the password of an address in it',
        new TypeError('no way to https://me:hunter2-secret@mlflow.acme.io'),
        'no way to https://***@mlflow.acme.io',
      ],
      [
        'without the headers that were sent',
        new TypeError('"Bearer hunter2@token\n" is an invalid header value'),
        '"***" is an invalid header value',
      ],
    ];
    for (const [what, error, words] of failures) {
      it(`is told ${what}`, () => {
        expect(requestFailure(error, { Authorization: 'Bearer hunter2@token\n' })).to.equal(words);
      });
    }
  });
});
