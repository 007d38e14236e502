import { expect } from 'chai';
import { experimentState, type ExperimentState } from '../../../src/mlflow/experiment.js';
import { FakeServer, type Answer } from '../../support/fake-server.js';

describe('an experiment', () => {
  /** Not a real MLflow, but a server that answers as one does, or as what stands before it. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start();
  });

  afterEach(() => server.stop());

  const named = (lifecycle_stage?: string): Answer => ({ body: { experiment: { name: 'flights', lifecycle_stage } } });

  const answers: readonly [state: ExperimentState, when: string, answer: Answer][] = [
    ['active', 'MLflow says so', named('active')],
    ['active', 'MLflow does not say how it stands', named()],
    ['deleted', 'MLflow says so', named('deleted')],
    ['missing', 'MLflow knows none', { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } }],
    ['unknown', 'the path is not MLflow’s', { status: 404, body: '<html>not found</html>' }],
    ['unknown', 'another thing is missing', { status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND' } }],
    ['unknown', 'the answer says otherwise', { status: 200, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } }],
    ['unknown', 'MLflow has an error', { status: 500, body: { error_code: 'INTERNAL_ERROR' } }],
    ['unknown', 'a web page answers', { body: '<html>' }],
    ['unknown', 'the experiment is no object', { body: { experiment: 'flights' } }],
    ['refused', 'MLflow’s own login does not permit it', { status: 403, body: { error_code: 'PERMISSION_DENIED' } }],
    ['refused', 'a proxy wants a login', { status: 401 }],
    ['refused', 'a proxy leads to a login page', { status: 302, headers: { Location: 'https://login.example.com' } }],
  ];
  for (const [state, when, answer] of answers) {
    it(`is ${state} when ${when}`, async () => {
      server.answer = () => answer;
      expect(await experimentState(server.url, 'flights', { headers: {} })).to.equal(state);
    });
  }

  for (const name of ['flights', 'my flights', 'a/b&c=d?#%', 'Flüge €']) {
    it(`is asked for as ${JSON.stringify(name)}, whatever its name means in an address`, async () => {
      await experimentState(`${server.url}/mlflow`, name, { headers: { Authorization: 'Bearer hunter2-token' } });
      const [asked] = server.asked;
      const url = new URL(asked?.url ?? '', server.url);
      expect(url.pathname).to.equal('/mlflow/api/2.0/mlflow/experiments/get-by-name');
      expect([...url.searchParams]).to.deep.equal([['experiment_name', name]]);
      expect(asked?.headers.authorization).to.equal('Bearer hunter2-token');
    });
  }
});
