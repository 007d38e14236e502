import { expect } from 'chai';
import { mlflowVersion } from '../../../src/mlflow/version.js';
import { FakeServer, type Answer } from '../../support/fake-server.js';

describe('the version of an MLflow server', () => {
  /** Not a real MLflow, but a server that answers as one does, or as what stands before it. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start();
  });

  afterEach(() => server.stop());

  const answers: readonly [answer: Answer, version: string | undefined][] = [
    [{ body: '2.22.0' }, '2.22.0'],
    [{ body: '3.1.1\n' }, '3.1.1'],
    [{ body: '3.2.0.dev0' }, '3.2.0.dev0'],
    [{ body: '3.0.0rc1' }, '3.0.0rc1'],
    [{ body: '2.9+local-1' }, '2.9+local-1'],
    [{ body: '2' }, undefined],
    [{ body: 'v2.22.0' }, undefined],
    [{ body: '"2.22.0"' }, undefined],
    [{ body: '<html>MLflow 2.22.0</html>' }, undefined],
    [{ body: '2.22.0\n<script>' }, undefined],
    [{ status: 404, body: '2.22.0' }, undefined],
    [{ status: 302, headers: { Location: '/login' }, body: '2.22.0' }, undefined],
    ['hang-up', undefined],
  ];
  for (const [answer, version] of answers) {
    it(`is ${version ?? 'not known'} for ${JSON.stringify(answer)}`, async () => {
      server.answer = () => answer;
      expect(await mlflowVersion(`${server.url}/mlflow/`, { environment: {}, headers: {} })).to.equal(version);
      expect(server.asked[0]?.url).to.equal('/mlflow/version');
    });
  }
});
