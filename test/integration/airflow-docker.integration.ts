import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';

import { createDagTester, type DagTester, type TestedDag } from '../support/airflow/dag-tester.js';
import { CONF, trackedProject, WAREHOUSE_VARIABLE, type TrackedProject } from '../support/airflow/tracked-project.js';
import { environment } from '../support/environment/mocha.js';
import { FakeServer } from '../support/fake-server.js';
import { guardMlflow, type GuardedMlflow } from '../support/guarded-mlflow.js';
import { readRun, type RecordedRun } from '../support/mlflow-run.js';
import { runsOf } from '../support/mlflow-runs.js';
import { nightly } from '../support/nightly.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const USERNAME = 'runner';
const PASSWORD = `hunter2-${randomBytes(6).toString('hex')}`;
const LOGIN = { MLFLOW_TRACKING_USERNAME: USERNAME, MLFLOW_TRACKING_PASSWORD: PASSWORD };
const WAREHOUSE = `planted-${randomBytes(6).toString('hex')}`;
const EXPERIMENT = `airflow-${Date.now()}`;
const DATE = '2026-05-01';

describe('a DAG of an image whose MLflow wants a password, on Docker', function () {
  this.timeout(1_200_000);

  let workspace: Workspace;
  let mlflow: GuardedMlflow;
  let project: TrackedProject;
  let slack: FakeServer;
  let secrets: Record<string, string>;

  before(async () => {
    workspace = await createWorkspace();
    slack = await FakeServer.start(() => ({ body: 'ok' }));
    const keyFile = path.join(workspace.folder, 'key.json');
    const login = { username: USERNAME, password: PASSWORD };
    mlflow = await guardMlflow(environment(), { audience: 'unused', lifetime: 60, keyFile, ...login });
    const options = { name: 'told', trackingUri: mlflow.byPassword, experiment: EXPERIMENT, login: LOGIN };
    project = await trackedProject(workspace, options);
    await project.writeDag('retried', [
      ...['retries: 1', 'retry_delay: 1s', 'macro_params: [ds]', `variables_params: [${WAREHOUSE_VARIABLE}]`],
      ...['env_vars:', '  APP_CONFIG: prod.env', '  TEMPLATE: "{{not jinja"'],
    ]);
    const variables = path.join(workspace.folder, 'variables.json');
    await writeFile(variables, JSON.stringify({ ...LOGIN, [WAREHOUSE_VARIABLE]: WAREHOUSE }));
    secrets = {
      AIRFLOW__SECRETS__BACKEND: 'airflow.secrets.local_filesystem.LocalFilesystemBackend',
      AIRFLOW__SECRETS__BACKEND_KWARGS: JSON.stringify({ variables_file_path: variables }),
      AIRFLOW_CONN_SLACK: JSON.stringify({ conn_type: 'slackwebhook', host: slack.url, password: 'T/B/x' }),
    };
  });
  after(async () => {
    await workspace.remove();
    await mlflow.stop();
    await slack.stop();
  });

  const runsOfDagRun = async (dagId: string, { id }: TestedDag): Promise<RecordedRun[]> => {
    const { mlflowUri } = environment();
    const found = (await runsOf(mlflowUri, EXPERIMENT)).filter(({ data }) =>
      data.tags.some(({ key, value }) => key === 'kdeploy.run_key' && value === `${dagId}/${id}`),
    );
    return Promise.all(found.map(({ info }) => readRun(mlflowUri, info.run_id)));
  };

  // Airflow 2 has its turn in `npm run test:airflow`, as has what else can happen to a DAG run.
  for (const versions of ['airflow3'] as const) {
    describe(versions, () => {
      let home: string;
      let airflow: DagTester;
      let retried: TestedDag;
      const logs: string[] = [];

      before(async () => {
        home = path.join(workspace.folder, versions);
        const env = { ...workspace.env, ...secrets };
        airflow = await createDagTester({ versions, home, env, dagsFolder: project.dags });
        retried = await airflow.run('retried', { ...CONF, mode: 'once' }, DATE);
        logs.push(retried.log);
      });

      it('is one MLflow run, FINISHED, with what all of its tasks logged, also after a retry with another value', async () => {
        expect(retried, retried.log).to.deep.include({ exitCode: 0, state: 'success' });
        expect([...new Set(Object.values(retried.tasks))]).to.deep.equal(['success']);
        const runs = await runsOfDagRun('retried', retried);
        expect(runs).to.have.lengthOf(1);
        const [{ status, metrics, parameters, tags }] = runs as [RecordedRun];
        expect({ status, ...metrics }).to.include({ status: 'FINISHED', prepared: 1, trained: 3, reported: 1 });
        expect(parameters).to.include({ dag_id: 'retried', seed: '1', execution_date: `${DATE}T00:00:00+00:00` });
        expect(parameters.image).to.match(/@sha256:[0-9a-f]{64}$/);
        expect(tags['airflow.dag_run']).to.match(/^https?:.*retried/);
      });

      it("hands the DAG run's configuration, dates and Variables to Kedro with their types", async () => {
        const text = await readFile(path.join(project.data, 'received.json'), 'utf8');
        const received = JSON.parse(text) as { parameters: object; environment: object };
        expect(received.parameters).to.deep.equal({
          ...CONF,
          ds: DATE,
          mode: 'once',
          [WAREHOUSE_VARIABLE]: WAREHOUSE,
        });
        expect(received.environment).to.deep.equal({ APP_CONFIG: 'prod.env', TEMPLATE: '{{not jinja' });
      });

      // Four more containers, each of which imports Kedro and MLflow.
      nightly.it('fails with its MLflow run where a node fails, and the message names the task', async () => {
        await project.writeDag('failing', ['failure_handlers: [{type: slack, connection_id: slack}]']);
        const failing = await airflow.run('failing', { mode: 'fail' }, DATE);
        logs.push(failing.log);
        expect(failing, failing.log).to.deep.include({ exitCode: 1, state: 'failed' });
        expect(failing.tasks).to.deep.equal({
          start_mlflow_run: 'success',
          prepare: 'success',
          train: 'failed',
          report: 'upstream_failed',
          finish_mlflow_run: 'failed',
          all_succeeded: 'upstream_failed',
        });
        const runs = await runsOfDagRun('failing', failing);
        expect(runs.map(({ status }) => status)).to.deep.equal(['FAILED']);
        expect(slack.asked.map(({ body }) => body).join('\n')).to.include('train');
      });

      it('keeps its secrets out of the database, the logs and what is printed', async () => {
        for (const secret of [PASSWORD, WAREHOUSE]) {
          expect(logs.join('\n')).to.not.include(secret);
          const search = ['--recursive', '--text', '--files-with-matches', secret, home, project.dags];
          const { stdout } = await execa('grep', search, { reject: false });
          expect(stdout).to.equal('');
        }
      });
    });
  }
});
