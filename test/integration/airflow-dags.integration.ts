import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import { execa } from 'execa';

import { ensureVirtualEnvironment, pythonOf } from '../support/environment/python.js';
import { HOSTILE, sampleFiles } from '../unit/airflow/sample.js';

const reader = fileURLToPath(new URL('../support/airflow/read_dags.py', import.meta.url));

interface ReadTask {
  readonly id: string;
  readonly upstream: readonly string[];
  readonly template_fields: readonly string[];
  readonly rendered: Readonly<Record<string, string>>;
  readonly do_xcom_push: boolean;
  readonly is_setup: boolean;
  readonly is_teardown: boolean;
  readonly fails_dag_run: boolean;
  readonly inlets: readonly string[];
  readonly outlets: readonly string[];
  readonly doc: string | null;
  readonly trigger_rule: string;
  readonly retries: number;
  readonly owner: string;
  readonly pushed: readonly (readonly [key: string, value: string])[];
  readonly started: Started;
}

interface Started {
  readonly error?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly pod?: Pod;
}

interface Pod {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly command?: readonly string[];
      readonly args?: readonly string[];
      readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
      readonly resources?: { readonly requests?: Record<string, string> };
      readonly securityContext?: object;
      readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
    }[];
    readonly securityContext?: Record<string, unknown>;
    readonly nodeSelector?: Record<string, string>;
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
}

interface ReadDag {
  readonly error?: string;
  readonly dag: string;
  readonly timetable: string;
  readonly catchup: boolean;
  readonly scheduled: { readonly starts: string; readonly ds: string } | null;
  readonly doc: string;
  readonly description: string;
  readonly tasks: readonly ReadTask[];
  readonly without_date: readonly Started[];
  readonly told_slack: readonly string[];
}

/** As the kubelet passes it on: `$(NAME)` is another variable, `$$` a dollar sign. */
function expanded(value: string | undefined): string | undefined {
  return value?.replaceAll(/\$(\$|\([^)]*\))/g, (_all, what: string) => (what === '$' ? '$' : 'EXPANDED'));
}

describe('generated DAGs in real Airflows', function () {
  this.timeout(600_000);

  let folder: string;
  let written: Record<string, string>;

  before(async () => {
    folder = path.join(tmpdir(), `kdeploy-dags-${process.pid}`);
    await mkdir(folder, { recursive: true });
    written = sampleFiles();
    for (const [name, text] of Object.entries(written)) await writeFile(path.join(folder, `${name}.py`), text);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('are formatted as ruff formats, and its default rules find nothing', async () => {
    const python = pythonOf(await ensureVirtualEnvironment());
    await execa(python, ['-m', 'ruff', 'format', '--isolated', '--check', '.'], { cwd: folder });
    await execa(python, ['-m', 'ruff', 'check', '--isolated', '--no-cache', '.'], { cwd: folder });
  });

  for (const versions of ['airflow2', 'airflow3'] as const) {
    describe(versions, () => {
      let dags: Record<string, ReadDag>;

      before(async () => {
        const python = pythonOf(await ensureVirtualEnvironment(versions));
        const paths = Object.keys(written).map((name) => path.join(folder, `${name}.py`));
        const { stdout } = await execa(python, [reader, ...paths], {
          env: {
            AIRFLOW_HOME: path.join(folder, versions),
            AIRFLOW_CONN_CLUSTER: 'kubernetes://',
            PYTHONDONTWRITEBYTECODE: '1',
          },
        });
        const line = stdout.split('\n').find((text) => text.startsWith('{"airflow"')) ?? '';
        ({ dags } = JSON.parse(line) as { dags: Record<string, ReadDag> });
      });

      const dag = (name: string): ReadDag => dags[name] ?? expect.fail(`no ${name}`);
      const task = (name: string, id: string): ReadTask =>
        dag(name).tasks.find((one) => one.id === id) ?? expect.fail(`no ${id}`);
      const pod = (name: string, id: string): Pod => task(name, id).started.pod ?? expect.fail(`no pod of ${id}`);
      const variables = (name: string, id: string): Record<string, string | undefined> => {
        const { environment, pod: built } = task(name, id).started;
        const all = built?.spec.containers[0]?.env?.map((one) => [one.name, expanded(one.value)]) ?? [];
        return environment ?? (Object.fromEntries(all) as Record<string, string | undefined>);
      };

      it('are imported without a warning, and without reading a Variable', () => {
        expect(Object.entries(dags).flatMap(([name, { error }]) => (error === undefined ? [] : [name, error]))).to.eql(
          [],
        );
        expect(Object.keys(dags)).to.have.lengthOf(Object.keys(written).length);
      });

      it('start every task with a Pod that the models of Kubernetes accept, or a container', () => {
        const failures = Object.entries(dags).flatMap(([name, { tasks }]) =>
          tasks.flatMap(({ id, started }) => (started.error === undefined ? [] : [`${name} ${id} ${started.error}`])),
        );
        expect(failures).to.eql([]);
      });

      it('leave the image its entrypoint, also where a pod template or another container comes first', () => {
        const [base, proxy] = pod('full_kubernetes_dag', 'train').spec.containers;
        expect(base).to.include({ name: 'base' });
        expect(base?.command ?? []).to.eql([]);
        expect(base?.args).to.eql(['kedro', 'run', '--nodes', 'split,train']);
        expect(proxy).to.deep.include({ name: 'proxy', command: ['proxy'] });
      });

      it('keep what restricted pod security asks for, and add no container unless XCom is wanted', () => {
        const { spec, metadata } = pod('full_kubernetes_dag', 'train');
        expect(spec.securityContext).to.deep.include({ runAsNonRoot: true, fsGroup: 1000 });
        expect(spec.containers[0]?.securityContext).to.deep.include({ allowPrivilegeEscalation: false });
        expect(metadata.labels).to.include({ from: 'template', team: 'ml' });
        for (const { id, started } of dag('plain_kubernetes_dag').tasks) {
          if (started.pod !== undefined) expect(started.pod.spec.containers, id).to.have.lengthOf(1);
        }
        const names = (id: string): string[] => pod('full_kubernetes_dag', id).spec.containers.map(({ name }) => name);
        expect(names('start_mlflow_run')).to.eql(['base', 'proxy', 'airflow-xcom-sidecar']);
        expect(names('train')).to.eql(['base', 'proxy']);
      });

      it('give a task the resources of its node or tag, over the default', () => {
        expect(pod('full_kubernetes_dag', 'load_x').spec.containers[0]?.resources?.requests).to.eql({
          cpu: '500m',
          memory: '32Gi',
        });
        expect(pod('full_kubernetes_dag', 'load_x').spec.nodeSelector).to.eql({ pool: 'large' });
        expect(pod('full_kubernetes_dag', 'load-x').spec.containers[0]?.resources?.requests?.memory).to.equal('1Gi');
      });

      for (const target of ['kubernetes', 'docker'] as const) {
        const full = `full_${target}_dag`;

        it(`hand the DAG run's configuration over with its types: ${target}`, () => {
          expect(JSON.parse(variables(full, 'train').KDEPLOY_PARAMS ?? '')).to.eql({
            ds: '2026-05-01',
            prev_start_date_success: null,
            warehouse_login: 'planted-warehouse_login',
            n: 3,
            on: true,
            ids: [1, 2],
            url: 'http://h:1/a?b=c,d$$e$(HOME)',
            code: '007',
            none: null,
          });
          expect(variables(full, 'start_mlflow_run')).to.not.have.property('KDEPLOY_PARAMS');
        });

        it(`take no value for a template or the name of a file: ${target}`, () => {
          const given = variables(full, 'train');
          expect(given.APP_CONFIG).to.equal('prod.env');
          expect(given.TEMPLATE).to.equal('a={{not jinja');
          expect(given.TEXT).to.equal(HOSTILE);
          expect(given.DOLLARS).to.equal('a$$b$(HOME)$');
          for (const one of dag(full).tasks) expect(one.template_fields, one.id).to.eql([]);
        });

        it(`show no Variable's value in what Airflow renders, stores or documents: ${target}`, () => {
          expect(variables(full, 'train')).to.include({
            API_TOKEN: 'planted-service_token',
            MLFLOW_TRACKING_USERNAME: 'planted-MLFLOW_TRACKING_USERNAME',
          });
          const { description, doc, tasks } = dag(full);
          const shown = tasks.map((one) => ({ ...one, started: null }));
          expect(JSON.stringify([description, doc, shown])).to.not.include('planted');
        });

        it(`run each node in the task with its name only, however alike names are: ${target}`, () => {
          const run = (id: string): readonly string[] | undefined => {
            const { command, pod: built } = task(`plain_${target}_dag`, id).started;
            return command ?? built?.spec.containers[0]?.args;
          };
          expect(run('load-x')).to.eql(['kedro', 'run', '--nodes', 'load-x']);
          expect(run('load_x')).to.eql(['kedro', 'run', '--nodes', 'load_x']);
        });

        it(`join one run per DAG run and task group, with task keys that the last task expects: ${target}`, () => {
          expect(variables(full, 'train')).to.include({
            KDEPLOY_RUN_KEY: 'prices/manual__2026-01-01T00:00:00+00:00',
            KDEPLOY_TASK_KEY: 'train',
            KDEPLOY_EXPECTED: '1',
          });
          const second = `${'x'.repeat(60)}.train`;
          expect(variables(`full_${target}_task_group`, second)).to.include({
            KDEPLOY_RUN_KEY: `prices/manual__2026-01-01T00:00:00+00:00/${'x'.repeat(60)}`,
            KDEPLOY_TASK_KEY: 'train',
          });
        });

        it(`end the MLflow run whatever happened, and fail the DAG run if a task failed: ${target}`, () => {
          const { tasks } = dag(`plain_${target}_dag`);
          expect(task(`plain_${target}_dag`, 'finish_mlflow_run')).to.deep.include({
            is_teardown: true,
            fails_dag_run: true,
            upstream: ['start_mlflow_run', 'train'],
          });
          expect(task(`plain_${target}_dag`, 'start_mlflow_run').is_setup).to.equal(true);
          const needed = new Set(tasks.flatMap(({ upstream }) => upstream));
          expect(tasks.map(({ id }) => id).filter((id) => !needed.has(id))).to.eql([
            'finish_mlflow_run',
            'all_succeeded',
          ]);
        });

        it(`push no XCom but the run's ID, where it is wanted: ${target}`, () => {
          const containers = dag(full).tasks.filter(({ started }) => Object.keys(started).length > 0);
          expect(containers.filter((one) => one.do_xcom_push).map(({ id }) => id)).to.eql(['start_mlflow_run']);
          // Also where the container printed more after it, or other lines came together with it.
          expect(containers.flatMap(({ pushed }) => pushed)).to.eql([['mlflow_run_id', 'abc']]);
        });

        it(`tell Slack which task failed, in the words of the template: ${target}`, () => {
          expect(dag(full).told_slack).to.eql([`train failed ${HOSTILE} https://airflow/log`]);
        });

        it(`leave a task group what the user's DAG sets, except what its order depends on: ${target}`, () => {
          for (const { id, trigger_rule: rule, ...others } of dag(`plain_${target}_task_group`).tasks) {
            expect(others, id).to.include({ retries: 5, owner: 'user' });
            expect(rule, id).to.equal(id.endsWith('finish_mlflow_run') ? 'all_done_setup_success' : 'all_success');
          }
          expect(task(`plain_${target}_dag`, 'train').retries).to.equal(0);
          expect(task(`full_${target}_task_group`, 'spaceflights.train')).to.include({
            retries: 2,
            owner: 'data-science',
          });
        });

        it(`start a run without a logical date, and say which macro it does not have: ${target}`, () => {
          const { tasks, without_date: dateless } = dag(full);
          const at = (id: string): Started => dateless[tasks.findIndex((one) => one.id === id)] ?? {};
          expect(at('start_mlflow_run').error).to.equal(undefined);
          expect(at('train').error).to.equal(
            "AirflowFailException: 'ds' (macro_params) does not exist for this DAG run: " +
              'Airflow provides it only to runs that have a logical date.',
          );
        });

        it(`read a schedule in the same way in each Airflow, and name assets: ${target}`, () => {
          expect(dag(full)).to.include({ timetable: 'CronDataIntervalTimetable', catchup: true });
          expect(dag(full).scheduled).to.deep.equal({ starts: '2026-05-01', ds: '2026-04-30' });
          expect(dag(`untracked_${target}_dag`).timetable).to.equal('DeltaDataIntervalTimetable');
          const { inlets, outlets } = task(`assets_${target}_dag`, 'train');
          expect({ inlets, outlets }).to.eql({ inlets: ['s3://bucket/x'], outlets: ['s3://bucket/model'] });
        });

        it(`have neither a first nor a last task for MLflow where runs are not tracked: ${target}`, () => {
          const ids = dag(`untracked_${target}_dag`).tasks.map(({ id }) => id);
          expect(ids).to.include.members(['load-x', 'load_x', 'train']).and.not.include('start_mlflow_run');
          expect(variables(`untracked_${target}_dag`, 'train')).to.not.have.property('KDEPLOY_RUN_KEY');
        });

        it(`pass neither of the arguments for reattaching, each of which warns in one Airflow: ${target}`, async () => {
          const text = await readFile(path.join(folder, `${full}.py`), 'utf8');
          expect(text).to.not.match(/reattach_on_restart|durable=/);
        });
      }

      it('make a claim for each DAG run, with a name that Kubernetes accepts, and remove it whatever happened', () => {
        const claims = ['full_kubernetes_dag', 'full_kubernetes_task_group'].flatMap((name) =>
          dag(name).tasks.flatMap(
            ({ started }) =>
              started.pod?.spec.volumes?.flatMap(
                ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
              ) ?? [],
          ),
        );
        for (const claim of claims) expect(claim).to.match(/^kdeploy-prices-[0-9a-f]{16}$/);
        expect(new Set(claims)).to.have.lengthOf(3);
        expect(task('full_kubernetes_dag', 'delete_data_volume')).to.include({ is_teardown: true });
        expect(task('full_kubernetes_dag', 'delete_data_volume').upstream).to.have.members([
          'create_data_volume',
          'finish_mlflow_run',
        ]);
        expect(task('full_kubernetes_dag', 'create_data_volume')).to.include({ is_setup: true });
        expect(pod('full_kubernetes_dag', 'copy_data').spec.containers[0]?.volumeMounts).to.deep.include({
          name: 'kdeploy-data',
          mountPath: '/kdeploy/data',
        });
      });
    });
  }
});
