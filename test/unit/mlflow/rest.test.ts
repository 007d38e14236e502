import { expect } from 'chai';
import { getFromMlflow, isObject, type RestReply } from '../../../src/mlflow/rest.js';
import { FakeServer, type Answer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';

const CLIENT = { environment: {}, headers: {} };

describe('MLflow’s REST API', () => {
  /** Not an MLflow, but a server that answers what MLflow or somebody before it might. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start();
  });

  afterEach(() => server.stop());

  it('is asked below the tracking URI, with the headers of the container', async () => {
    server.answer = () => ({ body: { run: {} } });
    const headers = { Authorization: 'Bearer hunter2-token' };
    expect(await getFromMlflow(`${server.url}/mlflow/`, 'runs/get?run_id=1', { ...CLIENT, headers })).to.deep.equal({
      kind: 'ok',
      body: { run: {} },
    });
    expect(server.asked.map(({ url }) => url)).to.deep.equal(['/mlflow/api/2.0/mlflow/runs/get?run_id=1']);
    expect(server.asked[0]?.headers.authorization).to.equal('Bearer hunter2-token');
  });

  it('is asked with the user and password of the URI, as MLflow’s own client does', async () => {
    await getFromMlflow(`http://me:hunter2@${server.host}`, 'x', CLIENT);
    expect(server.asked[0]?.headers.authorization).to.equal(`Basic ${Buffer.from('me:hunter2').toString('base64')}`);
  });

  const notMlflow: RestReply = { kind: 'not-mlflow', status: 200 };
  const answers: readonly [what: string, answer: Answer, reply: RestReply][] = [
    ['an object', { body: { a: 1 } }, { kind: 'ok', body: { a: 1 } }],
    ['MLflow’s own no', { status: 404, body: { error_code: 'X' } }, { kind: 'error', status: 404, code: 'X' }],
    ['a no with a good status', { body: { error_code: 'X' } }, { kind: 'error', status: 200, code: 'X' }],
    [
      'MLflow’s own refusal',
      { status: 403, body: { error_code: 'PERMISSION_DENIED' } },
      { kind: 'refused', status: 403, code: 'PERMISSION_DENIED' },
    ],
    ['somebody else’s refusal', { status: 401, body: 'who are you' }, { kind: 'refused', status: 401 }],
    [
      'an error of MLflow’s',
      { status: 500, body: { error_code: 'INTERNAL_ERROR' } },
      { kind: 'unavailable', status: 500 },
    ],
    ['another API’s no', { status: 404, body: { detail: 'x' } }, { kind: 'not-mlflow', status: 404 }],
    ['a web page', { body: '<html>' }, { kind: 'web-page', status: 200 }],
    ['nothing', {}, notMlflow],
    ['a list', { body: [1] }, notMlflow],
    ['null', { body: 'null' }, notMlflow],
    ['a text', { body: '"run"' }, notMlflow],
    ['half an object', { body: '{"run": ' }, notMlflow],
  ];
  for (const [what, answer, reply] of answers) {
    it(`answers with ${what}`, async () => {
      server.answer = () => answer;
      expect(await getFromMlflow(server.url, 'x', CLIENT)).to.deep.equal(reply);
      expect(server.asked).to.have.length(1);
    });
  }

  it('that gives no answer is told by what went wrong', async () => {
    server.answer = () => 'hang-up';
    expect(await getFromMlflow(server.url, 'x', CLIENT)).to.include({ kind: 'no-response', problem: 'reset' });
  });

  it('is not asked with settings that MLflow refuses', async () => {
    const environment = { MLFLOW_TRACKING_CLIENT_CERT_PATH: '/nowhere/client.pem' };
    const error = await rejection(getFromMlflow(server.url, 'x', { ...CLIENT, environment }));
    expect(error).to.include({
      code: 'configuration',
      message: 'MLFLOW_TRACKING_CLIENT_CERT_PATH names /nowhere/client.pem, which does not exist',
    });
  });

  for (const [value, is] of [
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    [undefined, false],
    ['{}', false],
    [5, false],
  ] as const) {
    it(`takes ${JSON.stringify(value)} for ${is ? 'an object' : 'none'}`, () => {
      expect(isObject(value)).to.equal(is);
    });
  }
});
