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

  const CLIENT = { environment: {}, headers: {} };

  const answers: readonly [state: ExperimentState, when: string, answer: Answer][] = [
    [{ kind: 'active' }, 'MLflow says so', named('active')],
    [{ kind: 'active' }, 'MLflow does not say how it stands', named()],
    [{ kind: 'deleted' }, 'MLflow says so', named('deleted')],
    [
      { kind: 'active', artifactLocation: 's3://bucket/1' },
      'MLflow says where its artifacts are',
      { body: { experiment: { lifecycle_stage: 'active', artifact_location: 's3://bucket/1' } } },
    ],
    [{ kind: 'missing' }, 'MLflow knows none', { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } }],
    [
      { kind: 'unknown', code: 'ENDPOINT_NOT_FOUND' },
      'another thing is missing',
      { status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND' } },
    ],
    ...(
      [
        [
          'the path is not MLflow’s',
          { status: 404, body: '<html>not found</html>' },
          { kind: 'not-mlflow', status: 404 },
        ],
        ['MLflow has an error', { status: 500, body: { error_code: 'X' } }, { kind: 'unavailable', status: 500 }],
        ['a web page answers', { body: '<html>' }, { kind: 'web-page', status: 200 }],
        ['the experiment is empty', { body: { experiment: {} } }, { kind: 'not-mlflow', status: 200 }],
        [
          'the experiment is another one',
          { body: { experiment: { name: 'other', lifecycle_stage: 'active' } } },
          { kind: 'not-mlflow', status: 200 },
        ],
        ['the answer is a list', { body: '[]' }, { kind: 'not-mlflow', status: 200 }],
        ['the experiment is no object', { body: { experiment: 'flights' } }, { kind: 'not-mlflow', status: 200 }],
        [
          'MLflow’s own login does not permit it',
          { status: 403, body: { error_code: 'PERMISSION_DENIED' } },
          { kind: 'refused', status: 403, code: 'PERMISSION_DENIED' },
        ],
        ['a proxy wants a login', { status: 401 }, { kind: 'refused', status: 401 }],
        [
          'a proxy leads to a login page',
          { status: 302, headers: { Location: 'https://login.example.com' } },
          { kind: 'refused', status: 302, login: 'login.example.com' },
        ],
      ] as const
    ).map(([when, answer, obstacle]): [ExperimentState, string, Answer] => [
      { kind: 'obstacle', obstacle },
      when,
      answer,
    ]),
  ];
  for (const [state, when, answer] of answers) {
    it(`is ${state.kind} when ${when}`, async () => {
      server.answer = () => answer;
      expect(await experimentState(server.url, 'flights', CLIENT)).to.deep.equal(state);
    });
  }

  for (const name of ['flights', 'my flights', 'a/b&c=d?#%', 'Flüge €']) {
    it(`is asked for as ${JSON.stringify(name)}, whatever its name means in an address`, async () => {
      await experimentState(`${server.url}/mlflow`, name, {
        ...CLIENT,
        headers: { Authorization: 'Bearer hunter2-token' },
      });
      const [asked] = server.asked;
      const url = new URL(asked?.url ?? '', server.url);
      expect(url.pathname).to.equal('/mlflow/api/2.0/mlflow/experiments/get-by-name');
      expect([...url.searchParams]).to.deep.equal([['experiment_name', name]]);
      expect(asked?.headers.authorization).to.equal('Bearer hunter2-token');
    });
  }
});
