import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';

import { startStandaloneAirflow, type DagRun, type StandaloneAirflow } from '../support/airflow/standalone.js';
import { CONF, trackedProject, WAREHOUSE_VARIABLE, type TrackedProject } from '../support/airflow/tracked-project.js';
import { environment } from '../support/environment/mocha.js';
import { waitUntil } from '../support/environment/polling.js';
import { guardMlflow, type GuardedMlflow } from '../support/guarded-mlflow.js';
import { readRun, type RecordedRun } from '../support/mlflow-run.js';
import { runsOf } from '../support/mlflow-runs.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const USERNAME = 'runner';
const PASSWORD = `hunter2-${randomBytes(6).toString('hex')}`;
const WAREHOUSE = `planted-${randomBytes(6).toString('hex')}`;
const EXPERIMENT = `airflow-${Date.now()}`;
const LOGIN = { MLFLOW_TRACKING_USERNAME: USERNAME, MLFLOW_TRACKING_PASSWORD: PASSWORD };

describe('a DAG of a tracked image on Docker', function () {
  this.timeout(1_800_000);

  let workspace: Workspace;
  let mlflow: GuardedMlflow;
  let project: TrackedProject;

  before(async () => {
    workspace = await createWorkspace();
    const keyFile = path.join(workspace.folder, 'key.json');
    mlflow = await guardMlflow(environment(), {
      ...{ audience: 'unused', lifetime: 60, username: USERNAME, password: PASSWORD, keyFile },
    });
    const options = { name: 'told', trackingUri: mlflow.byPassword, experiment: EXPERIMENT, login: LOGIN };
    project = await trackedProject(workspace, options);
    await project.writeDag('plain', [
      `variables_params: [${WAREHOUSE_VARIABLE}]`,
      'env_vars:',
      '  APP_CONFIG: prod.env',
      '  TEMPLATE: "{{not jinja"',
    ]);
    await project.writeDag('retried', ['retries: 1', 'retry_delay: 1s']);
    await project.writeDag('limited', ['dagrun_timeout: 45s']);
    await project.writeDag('dated', ['macro_params: [ds]']);
    await project.writeUntrackedDag('untracked');
    await project.writeDag('waiting', ['schedule: { assets: [s3://bucket/flights] }']);
  });
  after(async () => {
    await workspace.remove();
    await mlflow.stop();
  });

  for (const versions of ['airflow3', 'airflow2'] as const) {
    describe(versions, () => {
      let airflow: StandaloneAirflow;
      let variables: string;
      const writeVariables = (password: string): Promise<void> =>
        writeFile(
          variables,
          JSON.stringify({
            MLFLOW_TRACKING_USERNAME: USERNAME,
            MLFLOW_TRACKING_PASSWORD: password,
            [WAREHOUSE_VARIABLE]: WAREHOUSE,
          }),
        );

      before(async () => {
        variables = path.join(workspace.folder, `variables-${versions}.json`);
        await writeVariables(PASSWORD);
        const backend = {
          BACKEND: 'airflow.secrets.local_filesystem.LocalFilesystemBackend',
          BACKEND_KWARGS: JSON.stringify({ variables_file_path: variables }),
        };
        airflow = await startStandaloneAirflow(
          project.dags,
          {
            ...workspace.env,
            AIRFLOW__SECRETS__BACKEND: backend.BACKEND,
            AIRFLOW__SECRETS__BACKEND_KWARGS: backend.BACKEND_KWARGS,
          },
          versions,
        );
      });
      after(() => airflow.stop());

      const mlflowRuns = async (dagId: string, run: string): Promise<RecordedRun[]> => {
        const found = (await runsOf(environment().mlflowUri, EXPERIMENT)).filter(({ data }) =>
          data.tags.some(({ key, value }) => key === 'kdeploy.run_key' && value === `${dagId}/${run}`),
        );
        return Promise.all(found.map(({ info }) => readRun(environment().mlflowUri, info.run_id)));
      };
      const theRun = async (dagId: string, run: string): Promise<RecordedRun> => {
        const runs = await mlflowRuns(dagId, run);
        expect(runs).to.have.lengthOf(1);
        return runs[0]!;
      };
      const run = async (dagId: string, conf = {}): Promise<{ id: string; dagRun: DagRun }> => {
        const id = await airflow.trigger(dagId, conf);
        return { id, dagRun: await airflow.ended(dagId, id) };
      };
      /** Of Airflow: its logs, its database. */
      const filesWith = async (text: string): Promise<string> => {
        const grep = ['grep', '--recursive', '--text', '--fixed-strings', '--files-with-matches', text, airflow.home];
        return (await execa(grep[0]!, grep.slice(1), { reject: false })).stdout;
      };
      const containers = async (): Promise<string> =>
        (
          await execa(environment().docker, ['ps', '--quiet', '--filter', `ancestor=${project.image}`], {
            env: workspace.env,
          })
        ).stdout;

      it('is one MLflow run, FINISHED, with what all of its tasks logged', async () => {
        const { id, dagRun } = await run('plain', CONF);
        expect(dagRun.state).to.equal('success');
        expect(new Set(Object.values(dagRun.tasks))).to.deep.equal(new Set(['success']));
        const { status, metrics, parameters, tags } = await theRun('plain', id);
        expect(status).to.equal('FINISHED');
        expect(metrics).to.include({ prepared: 1, trained: 3, reported: 1 });
        expect(parameters).to.include({ dag_id: 'plain', seed: '1' });
        expect(parameters.image).to.match(/@sha256:[0-9a-f]{64}$/);
        expect(parameters).to.have.property('execution_date');
        expect(tags['airflow.dag_run']).to.include(airflow.address);
        const received = JSON.parse(await readFile(path.join(project.data, 'received.json'), 'utf8')) as {
          parameters: object;
          environment: object;
        };
        expect(received.parameters).to.deep.equal({ ...CONF, [WAREHOUSE_VARIABLE]: WAREHOUSE });
        expect(received.environment).to.deep.equal({ APP_CONFIG: 'prod.env', TEMPLATE: '{{not jinja' });
      });

      it('fails with its MLflow run where a node fails, and a cleared task joins the run again', async () => {
        const gate = path.join(project.data, 'open');
        await rm(gate, { force: true });
        const { id, dagRun } = await run('plain', { mode: 'gated' });
        expect(dagRun.state).to.equal('failed');
        expect(dagRun.tasks).to.include({ prepare: 'success', train: 'failed', report: 'upstream_failed' });
        expect((await theRun('plain', id)).status).to.equal('FAILED');

        await writeFile(gate, '');
        await airflow.clear('plain', id, ['train']);
        await airflow.reached('plain', id, 'train', 'success');
        await airflow.ended('plain', id);
        expect((await theRun('plain', id)).status).to.equal('FAILED');

        await airflow.clear('plain', id, ['report', 'all_succeeded', 'finish_mlflow_run']);
        await airflow.reached('plain', id, 'finish_mlflow_run', 'success');
        const { status, metrics } = await theRun('plain', id);
        expect(status).to.equal('FINISHED');
        expect(metrics).to.include({ trained: 3, reported: 1 });
      });

      it('succeeds with a retry that logs another value for a parameter', async () => {
        const { id, dagRun } = await run('retried', { mode: 'once' });
        expect(dagRun.state).to.equal('success');
        const { status, parameters } = await theRun('retried', id);
        expect({ status, seed: parameters.seed }).to.deep.equal({ status: 'FINISHED', seed: '1' });
      });

      it('has an MLflow run for each of two DAG runs at once', async () => {
        // They share their files: the second one begins where it can no longer spoil what the first one reads.
        const first = await airflow.trigger('plain');
        await airflow.reached('plain', first, 'train', 'success');
        const ids = [first, await airflow.trigger('plain', { mode: 'fail' })];
        const ended = await Promise.all(ids.map((id) => airflow.ended('plain', id)));
        expect(ended.map(({ state }) => state)).to.deep.equal(['success', 'failed']);
        const runs = await Promise.all(ids.map((id) => theRun('plain', id)));
        expect(runs.map(({ status }) => status)).to.deep.equal(['FINISHED', 'FAILED']);
      });

      it('leaves no MLflow run RUNNING, and none FINISHED, where the DAG run is marked as failed', async () => {
        const id = await airflow.trigger('plain', { mode: 'sleep' });
        await airflow.reached('plain', id, 'train', 'running');
        await airflow.markFailed('plain', id);
        await airflow.reached('plain', id, 'finish_mlflow_run', 'failed');
        expect((await theRun('plain', id)).status).to.be.oneOf(['FAILED', 'KILLED']);
        await waitUntil(async () => (await containers()) === '', {
          description: 'a container of the DAG run is still running',
          seconds: 60,
        });
      });

      // On SQLite, Airflow 2 runs one task at a time, and looks at no time limit while it runs.
      if (versions === 'airflow3')
        it('ends the MLflow run that the time limit of an earlier DAG run left open', async () => {
          const id = await airflow.trigger('limited', { mode: 'sleep' });
          expect((await airflow.ended('limited', id)).state).to.equal('failed');
          await run('limited');
          expect((await theRun('limited', id)).status).to.be.oneOf(['FAILED', 'KILLED']);
        });

      it('fails, and creates no MLflow run, where the first task cannot log in', async () => {
        await writeVariables('wrong');
        const { id, dagRun } = await run('plain');
        await writeVariables(PASSWORD);
        expect(dagRun.state).to.equal('failed');
        expect(dagRun.tasks).to.include({ start_mlflow_run: 'failed', prepare: 'upstream_failed' });
        expect(dagRun.tasks).to.include({ finish_mlflow_run: 'upstream_failed', all_succeeded: 'upstream_failed' });
        expect(await mlflowRuns('plain', id)).to.deep.equal([]);
      });

      it('runs the groups alone where the image does not track its runs, with their parameters', async () => {
        const { id, dagRun } = await run('untracked', CONF);
        expect(dagRun).to.deep.include({
          state: 'success',
          tasks: { prepare: 'success', train: 'success', report: 'success' },
        });
        const received = await readFile(path.join(project.data, 'received.json'), 'utf8');
        expect((JSON.parse(received) as { parameters: object }).parameters).to.deep.equal(CONF);
        expect(await mlflowRuns('untracked', id)).to.deep.equal([]);
      });

      it('is started by an asset, without a logical date', async () => {
        const id = await airflow.updateAsset('s3://bucket/flights', 'waiting');
        expect((await airflow.ended('waiting', id)).state).to.equal('success');
        const { status, parameters } = await theRun('waiting', id);
        expect({ status, dag: parameters.dag_id }).to.deep.equal({ status: 'FINISHED', dag: 'waiting' });
        expect(parameters).to.have.property('execution_date');
      });

      it('does not finish its MLflow run where the process of a task was terminated, whatever Airflow says of it', async () => {
        const id = await airflow.trigger('plain', { mode: 'sleep' });
        await airflow.reached('plain', id, 'train', 'running');
        await waitUntil(async () => (await containers()) !== '', {
          description: 'no container runs the task',
          seconds: 60,
        });
        process.kill(await airflow.processOf('plain', id, 'train'), 'SIGTERM');
        expect((await airflow.ended('plain', id)).state).to.equal('failed');
        expect((await theRun('plain', id)).status).to.be.oneOf(['FAILED', 'KILLED']);
      });

      if (versions === 'airflow3')
        it('says which macro a DAG run without a logical date does not have', async () => {
          const { id, dagRun } = await run('dated');
          expect(dagRun.tasks).to.include({ start_mlflow_run: 'success', prepare: 'failed' });
          expect((await theRun('dated', id)).status).to.equal('FAILED');
        });

      it('keeps its secrets out of the logs, the database and the page', async () => {
        const { id } = await run('plain', { mode: 'fail' });
        const shown = await airflow.shown('plain', id);
        for (const secret of [PASSWORD, WAREHOUSE]) {
          expect(shown).to.not.include(secret);
          expect(await filesWith(secret)).to.equal('');
        }
      });
    });
  }
});
