import { expect } from 'chai';
import { traceRun, type TraceOptions } from '../../../src/mlflow/trace-run.js';
import { everythingIn } from '../../support/everything-in.js';
import { FakeServer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';

const RUN = '8a04e96f4c604deba895b0cd9c8dd031';

describe('tracing a run', () => {
  /** Not a real MLflow, but a server that answers with one run. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start(() => ({
      body: {
        run: {
          info: { run_name: 'training', status: 'RUNNING' },
          data: { tags: [{ key: 'kdeploy.image', value: 'app:v1' }] },
        },
      },
    }));
  });

  afterEach(() => server.stop());

  const options = (trackingUri: string | undefined, changes: Partial<TraceOptions> = {}): TraceOptions => ({
    trackingUri,
    authentication: [],
    environment: {},
    ...changes,
  });

  it('asks the server that the project logs to', async () => {
    expect(await traceRun(RUN, options(server.url))).to.include({ runId: RUN, image: 'app:v1', status: 'RUNNING' });
    expect(server.asked.map(({ url }) => url)).to.deep.equal([`/api/2.0/mlflow/runs/get?run_id=${RUN}`]);
  });

  const authenticated = (environment: NodeJS.ProcessEnv): TraceOptions =>
    options(server.url, { authentication: [{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] }], environment });

  it('authenticates as a container would', async () => {
    await traceRun(RUN, authenticated({ MLFLOW_TRACKING_TOKEN: 'hunter2-token' }));
    expect(server.asked[0]?.headers.authorization).to.equal('Bearer hunter2-token');
  });

  it('asks nobody without the credentials for it', async () => {
    const error = await rejection(traceRun(RUN, authenticated({})));
    expect(error).to.include({ code: 'credentials', message: 'not set in this shell: MLFLOW_TRACKING_TOKEN' });
    expect(server.asked).to.deep.equal([]);
  });

  const silent: readonly [what: string, trackingUri: string | undefined][] = [
    ['nothing names a server, or tracking is off', undefined],
    ['it logs to a database', 'postgresql://me:hunter2-secret@db/mlflow'],
    ['it logs to a folder', 'mlruns'],
    ['it logs to what is almost a server', 'httpd://127.0.0.1:1'],
  ];
  for (const [what, trackingUri] of silent) {
    it(`has nobody to ask where ${what}`, async () => {
      const error = await rejection(traceRun(RUN, options(trackingUri)));
      expect(error).to.include({
        code: 'configuration',
        message: 'the project has no MLflow server to ask',
        hint: 'pass --tracking-uri https://…, or find out what is missing: kdeploy check',
      });
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }
});
