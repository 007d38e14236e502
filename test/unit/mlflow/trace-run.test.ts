import { expect } from 'chai';
import { traceRun, type TraceOptions } from '../../../src/mlflow/trace-run.js';
import { everythingIn } from '../../support/everything-in.js';
import { FakeServer } from '../../support/fake-server.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith, type SettingsChanges } from '../../support/settings.js';

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

  const options = (
    settings: SettingsChanges,
    environment: NodeJS.ProcessEnv = {},
    files: Readonly<Record<string, string>> = {},
  ): TraceOptions => ({
    project: {
      root: '/project',
      name: 'Flights',
      packageName: 'flights',
      sourceFolder: 'src',
      source: memorySource(files),
    },
    settings: settingsWith(settings),
    env: 'local',
    environment: { PATH: '', ...environment },
  });

  const sources: readonly [where: string, options: (uri: string) => TraceOptions][] = [
    ['kdeploy’s settings name', (uri) => options({ mlflow: { trackingUri: uri } })],
    [
      'mlflow.yml names',
      (uri) => options({}, {}, { 'conf/local/mlflow.yml': `server:\n  mlflow_tracking_uri: ${uri}\n` }),
    ],
    ['the shell names', (uri) => options({}, { MLFLOW_TRACKING_URI: uri })],
  ];
  for (const [where, given] of sources) {
    it(`asks the server that ${where}, as the project would log to it`, async () => {
      expect(await traceRun(RUN, given(server.url))).to.include({ runId: RUN, image: 'app:v1', status: 'RUNNING' });
      expect(server.asked.map(({ url }) => url)).to.deep.equal([`/api/2.0/mlflow/runs/get?run_id=${RUN}`]);
    });
  }

  const authenticated = (environment: NodeJS.ProcessEnv): TraceOptions =>
    options(
      {
        mlflow: { trackingUri: server.url },
        runConfig: { authentication: [{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] }] },
      },
      environment,
    );

  it('authenticates as a container would', async () => {
    await traceRun(RUN, authenticated({ MLFLOW_TRACKING_TOKEN: 'hunter2-token' }));
    expect(server.asked[0]?.headers.authorization).to.equal('Bearer hunter2-token');
  });

  it('asks nobody without the credentials for it', async () => {
    const error = await rejection(traceRun(RUN, authenticated({})));
    expect(error).to.include({ code: 'credentials', message: 'not set in this shell: MLFLOW_TRACKING_TOKEN' });
    expect(server.asked).to.deep.equal([]);
  });

  const silent: readonly [what: string, settings: SettingsChanges][] = [
    ['nothing names a server', {}],
    ['tracking is off', { mlflow: { enabled: false, trackingUri: 'http://127.0.0.1:1' } }],
    ['it logs to a database', { mlflow: { trackingUri: 'postgresql://me:hunter2-secret@db/mlflow' } }],
    ['it logs to a folder', { mlflow: { trackingUri: 'mlruns' } }],
    ['it logs to what is almost a server', { mlflow: { trackingUri: 'httpd://127.0.0.1:1' } }],
  ];
  for (const [what, settings] of silent) {
    it(`has nobody to ask where ${what}`, async () => {
      const error = await rejection(traceRun(RUN, options(settings)));
      expect(error).to.include({
        code: 'configuration',
        message: 'the project names no MLflow server that could be asked',
        hint: 'name it with --tracking-uri https://…, or see what is missing: `kdeploy check`',
      });
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }
});
