import { expect } from 'chai';
import { getFromMlflow, isObject, isRefusal } from '../../../src/mlflow/rest.js';
import { FakeServer, type Answer } from '../../support/fake-server.js';

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
    expect(await getFromMlflow(`${server.url}/mlflow/`, 'runs/get?run_id=1', { headers })).to.deep.equal({
      status: 200,
      body: { run: {} },
    });
    expect(server.asked.map(({ url }) => url)).to.deep.equal(['/mlflow/api/2.0/mlflow/runs/get?run_id=1']);
    expect(server.asked[0]?.headers.authorization).to.equal('Bearer hunter2-token');
  });

  it('is asked with the user and password of the URI, as MLflow’s own client does', async () => {
    await getFromMlflow(`http://me:hunter2@${server.host}`, 'x', { headers: {} });
    expect(server.asked[0]?.headers.authorization).to.equal(`Basic ${Buffer.from('me:hunter2').toString('base64')}`);
  });

  const answers: readonly [what: string, answer: Answer, status: number, body: object][] = [
    ['an object', { status: 404, body: { error_code: 'X' } }, 404, { error_code: 'X' }],
    ['a web page', { status: 503, body: '<html>' }, 503, {}],
    ['nothing', { status: 500 }, 500, {}],
    ['a list', { body: [1] }, 200, {}],
    ['null', { body: null }, 200, {}],
    ['a text', { body: '"run"' }, 200, {}],
    ['half an object', { body: '{"run": ' }, 200, {}],
    ['a way to a login page', { status: 302, headers: { Location: '/login' }, body: '<html>' }, 302, {}],
  ];
  for (const [what, answer, status, body] of answers) {
    it(`answers with ${what}, of which an object is kept`, async () => {
      server.answer = () => answer;
      expect(await getFromMlflow(server.url, 'x', { headers: {} })).to.deep.equal({ status, body });
      expect(server.asked).to.have.length(1);
    });
  }

  it('that gives no answer is fetch’s to tell', async () => {
    server.answer = () => 'hang-up';
    const failure = await getFromMlflow(server.url, 'x', { headers: {} }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
  });

  const statuses: readonly [status: number, refuses: boolean][] = [
    [200, false],
    [299, false],
    [301, true],
    [302, true],
    [308, true],
    [400, false],
    [401, true],
    [402, false],
    [403, true],
    [404, false],
    [407, false],
    [500, false],
  ];
  for (const [status, refuses] of statuses) {
    it(`${refuses ? 'lets nobody in' : 'refuses nobody'} with status ${status}`, () => {
      expect(isRefusal(status)).to.equal(refuses);
    });
  }

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
