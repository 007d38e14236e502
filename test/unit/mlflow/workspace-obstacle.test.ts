import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { experimentState } from '../../../src/mlflow/experiment.js';
import { describeObstacle } from '../../../src/mlflow/obstacle.js';
import { readRunTrace } from '../../../src/mlflow/run-trace.js';
import { FakeServer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';

/** What MLflow servers of several versions answer; the runtime's tests read the same file (test/runtime/test_workspace.py). */
const CASES = JSON.parse(readFileSync(new URL('../../fixtures/workspaces.json', import.meta.url), 'utf8')) as readonly {
  readonly what: string;
  readonly workspace: string;
  readonly sent?: string;
  readonly answers: Readonly<Record<string, { readonly status: number; readonly body: string | object }>>;
  readonly asked: readonly string[];
  readonly predicate?: string;
}[];

describe('asking an MLflow server in a workspace', () => {
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start();
  });

  afterEach(() => server.stop());

  for (const { what, workspace, sent = workspace.trim(), answers, asked, predicate } of CASES) {
    it(`finds ${what}`, async () => {
      const pathOf = (url: string) => /\/mlflow\/([^?]*)/.exec(url)?.[1] ?? '';
      server.answer = ({ url }) => answers[pathOf(url)] ?? { status: 418 };
      const environment = { MLFLOW_WORKSPACE: workspace };
      const state = await experimentState(server.url, 'flights', { environment, headers: {} });
      expect(server.asked.map(({ url }) => pathOf(url))).to.deep.equal(asked);
      for (const { headers } of server.asked)
        expect(headers['x-mlflow-workspace']).to.equal(sent === '' ? undefined : sent);
      if (predicate === undefined) {
        expect(state.kind).to.be.oneOf(['active', 'missing']);
        return;
      }
      if (state.kind !== 'obstacle') expect.fail(`is ${state.kind}`);
      const { message } = describeObstacle(state.obstacle, { uri: 'MLflow', authentication: [], environment });
      expect(message).to.equal(`MLflow ${predicate}`);
    });
  }

  it('tells a missing workspace from a missing run', async () => {
    server.answer = () => ({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    const trace = (environment: NodeJS.ProcessEnv) =>
      rejection(readRunTrace(server.url, 'f00', { environment, headers: {} }));
    expect((await trace({ MLFLOW_WORKSPACE: 'nope' })).message).to.equal(
      `${server.url} has no workspace nope, which MLFLOW_WORKSPACE names`,
    );
    expect((await trace({})).message).to.equal(`${server.url} has no run f00`);
  });
});
