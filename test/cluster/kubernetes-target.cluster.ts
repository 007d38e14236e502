import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { createDagTester, type DagTester, type TestedDag } from '../support/airflow/dag-tester.js';
import { cluster } from '../support/cluster/mocha.js';
import { environment } from '../support/environment/mocha.js';
import { waitUntil } from '../support/environment/polling.js';
import { commitAll } from '../support/environment/project.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import { runsOf, type MlflowRun } from '../support/mlflow-runs.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const trial = fileURLToPath(new URL('../fixtures/trial', import.meta.url));
/** A kept environment's MLflow has the runs of earlier times, too. */
const EXPERIMENT = `kubernetes-${Date.now()}`;
const credentials = { username: 'puller', password: 'planted-pull-5d3e' };
const TOKEN = 'planted-mlflow-9b17';
const TASKS = ['write_number', 'add_one'];

describe('the DAG of an image in a private registry, on a real Kubernetes', () => {
  let registry: Registry;
  let workspace: Workspace;
  let project: string;
  let image: string;

  before(async () => {
    registry = await startRegistry({ credentials });
    workspace = await createWorkspace();
    await writeFile(path.join(workspace.env.DOCKER_CONFIG!, 'config.json'), registryLogin());
    project = await workspace.project('spaceflights', { experiment: EXPERIMENT });
    await cp(trial, project, { recursive: true, filter: (file) => path.basename(file) !== 'README.md' });
    await configure(project, 'trial', {});
    await commitAll(project, 'Get into trouble');
    const name = `${workspace.prefixAt(registry.address)}/spaceflights`;
    const quick = ['--no-check', '--self-test', 'never', '--base-image', environment().baseImage];
    await kdeploy(project, 'build', '--image', name, '--tag', 'v1', ...quick);
    image = (await kdeploy(project, 'push')).trim();
  });
  after(async () => {
    await workspace.remove();
    await registry.stop();
  });

  for (const versions of ['airflow3', 'airflow2'] as const) {
    describe(versions, () => {
      let airflow: DagTester;

      before(async () => {
        airflow = await createDagTester({
          versions,
          home: path.join(workspace.folder, versions),
          env: { ...workspace.env, KUBECONFIG: cluster().kubeconfig },
        });
      });

      it('ends in one finished MLflow run with the mark of every task, and no claim is left', async () => {
        const { tested, runs, claims } = await run(airflow, `${versions}-success`, 'none');
        expect(tested.exitCode, tested.log).to.equal(0);
        expect(runs.map(({ info }) => info.status)).to.deep.equal(['FINISHED']);
        expect(marksOf(runs[0])).to.have.members(TASKS);
        expect(runs[0]!.data.metrics.map(({ key, value }) => [key, value])).to.deep.equal([['answer', 42]]);
        expect(claims).to.deep.equal([]);
      });

      it('fails with a node: the MLflow run and the DAG run, and no log has the value of a secret, and no claim is left', async () => {
        const { tested, runs, claims } = await run(airflow, `${versions}-failure`, 'fail');
        expect(tested.exitCode, tested.log).not.to.equal(0);
        expect(tested.log).to.contain('in trouble, as it was asked to be');
        expect(tested.log).not.to.contain(TOKEN);
        expect(tested.log).not.to.contain(credentials.password);
        expect(runs.map(({ info }) => info.status)).to.deep.equal(['FAILED']);
        expect(claims).to.deep.equal([]);
      });

      it('finishes the same MLflow run when a retry succeeds', async () => {
        const { tested, runs, claims } = await run(airflow, `${versions}-retry`, 'fail once', retried);
        expect(tested.exitCode, tested.log).to.equal(0);
        expect(tested.log).to.contain('in trouble, as it was asked to be');
        expect(runs.map(({ info }) => info.status)).to.deep.equal(['FINISHED']);
        expect(marksOf(runs[0])).to.have.members(TASKS);
        expect(claims).to.deep.equal([]);
      });

      it('starts a new pod when the one of the first try has been deleted', async () => {
        const name = `${versions}-deleted-pod`;
        const running = run(airflow, name, 'wait once', retried);
        const deleted = await Promise.race([deleteWaitingPod(name), running.then(({ tested }) => tested.log)]);
        const { tested, runs, claims } = await running;
        expect(tested.exitCode, tested.log).to.equal(0);
        expect(deleted).to.match(/^add-one-/);
        expect(runs.map(({ info }) => info.status)).to.deep.equal(['FINISHED']);
        expect(marksOf(runs[0])).to.have.members(TASKS);
        expect(claims).to.deep.equal([]);
      });

      it('starts a new pod when the one of the first try has been evicted', async () => {
        const limits = { limits: { 'ephemeral-storage': '16Mi' } };
        const settings = { ...retried, resources: { add_one: limits } };
        const name = `${versions}-evicted-pod`;
        const { tested, runs, claims } = await run(airflow, name, 'fill the disk once', settings);
        expect(tested.exitCode, tested.log).to.equal(0);
        const events = await cluster().api.list(`/api/v1/namespaces/${name}/events`);
        expect(events.map(({ reason }) => reason)).to.include('Evicted');
        expect(runs.map(({ info }) => info.status)).to.deep.equal(['FINISHED']);
        expect(marksOf(runs[0])).to.have.members(TASKS);
        expect(claims).to.deep.equal([]);
      });

      it('gives two DAG runs at once a claim and an MLflow run each, and shows no value of an Airflow Variable', async () => {
        const name = `${versions}-at-once`;
        const file = await prepare(name, { authentication: { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] } });
        await cluster().createVolume(`${name}-too`);
        const env = {
          ...workspace.env,
          KUBECONFIG: cluster().kubeconfig,
          AIRFLOW_VAR_MLFLOW_TRACKING_TOKEN: TOKEN,
        };
        const [good, bad] = await Promise.all(
          ['none', 'fail'].map(async (trouble) => {
            // A database each: SQLite lets in one of them at a time.
            const home = path.join(workspace.folder, `${name}-${trouble}`);
            const tester = await createDagTester({ versions, home, env });
            await writeFile(path.join(tester.dagsFolder, `${name}.py`), file);
            return tester.run(name, { trouble });
          }),
        );
        expect(good!.exitCode, good!.log).to.equal(0);
        expect(bad!.exitCode, bad!.log).not.to.equal(0);
        expect(bad!.log).to.contain('in trouble, as it was asked to be');
        expect(good!.log).not.to.contain(TOKEN);
        expect(bad!.log).not.to.contain(TOKEN);
        const { runs, claims } = await traces(name);
        expect(runs.map(({ info }) => info.status)).to.have.members(['FINISHED', 'FAILED']);
        expect(claims).to.deep.equal([]);
      });

      it('runs as any user in a namespace that enforces the restricted pod security standard', async () => {
        const { tested, runs, claims } = await run(airflow, `${versions}-restricted`, 'none', anyUser, {
          'pod-security.kubernetes.io/enforce': 'restricted',
        });
        expect(tested.exitCode, tested.log).to.equal(0);
        expect(runs.map(({ info }) => info.status)).to.deep.equal(['FINISHED']);
        expect(marksOf(runs[0])).to.have.members(TASKS);
        expect(claims).to.deep.equal([]);
      });
    });
  }

  const retried = { retries: 1, retry_delay: '1s' };
  const anyUser = {
    kubernetes_pod_templates: {
      __default__: {
        template: {
          spec: {
            securityContext: { runAsUser: 1234567, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'base',
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    },
  };

  async function run(
    airflow: DagTester,
    name: string,
    trouble: string,
    settings: object = {},
    labels: Readonly<Record<string, string>> = {},
  ): Promise<{ tested: TestedDag; runs: readonly MlflowRun[]; claims: readonly string[] }> {
    await writeFile(path.join(airflow.dagsFolder, `${name}.py`), await prepare(name, settings, labels));
    const tested = await airflow.run(name, { trouble });
    return { tested, ...(await traces(name)) };
  }

  /** Makes the DAG's namespace with all that it needs, and gives back the DAG's file. */
  async function prepare(
    name: string,
    settings: object,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { api } = cluster();
    await cluster().createNamespace(name, labels);
    const secrets = `/api/v1/namespaces/${name}/secrets`;
    await api.create(secrets, { metadata: { name: 'mlflow' }, stringData: { token: TOKEN } });
    await api.create(secrets, {
      metadata: { name: 'registry' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': registryLogin() },
    });
    const copy = await workspace.copyOf(project);
    await configure(copy, name, settings);
    return kdeploy(copy, 'dag', '--pipeline', 'trial', '--target', 'kubernetes', '--output', '-', image);
  }

  /** What is left of the DAG's runs. */
  async function traces(name: string): Promise<{ runs: readonly MlflowRun[]; claims: readonly string[] }> {
    const runs = (await runsOf(environment().mlflowUri, EXPERIMENT)).filter(({ data }) =>
      data.tags.some(({ key, value }) => key === 'kdeploy.run_key' && value.startsWith(`${name}/`)),
    );
    const claims = await cluster().api.list(`/api/v1/namespaces/${name}/persistentvolumeclaims`);
    return { runs, claims: claims.map(({ metadata }) => metadata.name) };
  }

  /** Gives back its name. */
  async function deleteWaitingPod(namespace: string): Promise<string> {
    const { api } = cluster();
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    let found: string | undefined;
    await waitUntil(
      async () => {
        for (const { metadata, status } of await api.list(pods)) {
          if (status?.phase !== 'Running' || !metadata.name.startsWith('add-one')) continue;
          if ((await api.text('GET', `${pods}/${metadata.name}/log?container=base`)).includes('waiting to be deleted'))
            found = metadata.name;
        }
        return found !== undefined;
      },
      { description: 'no pod waits to be deleted', seconds: 300 },
    );
    await api.delete(`${pods}/${found!}`, 0);
    return found!;
  }

  async function kdeploy(cwd: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(args, { cwd });
    if (exitCode !== 0)
      throw new Error(`kdeploy ${args.join(' ')} ended with ${String(exitCode)}:\n${stderr}${stdout}`);
    return stdout;
  }

  /** JSON is YAML. */
  async function configure(directory: string, name: string, settings: object): Promise<void> {
    const configuration = {
      dag: { id: name },
      run_config: {
        namespace: name,
        in_cluster: false,
        image_pull_secrets: ['registry'],
        authentication: {
          type: 'Vars',
          params: [{ name: 'MLFLOW_TRACKING_TOKEN', from_secret: { name: 'mlflow', key: 'token' } }],
        },
        volume: { size: '1Gi', access_modes: ['ReadWriteMany'], owner: 4321 },
        ...settings,
      },
    };
    await writeFile(path.join(directory, 'conf', 'base', 'kdeploy.yml'), JSON.stringify(configuration));
  }

  function registryLogin(): string {
    const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    return JSON.stringify({ auths: { [registry.address]: { auth } } });
  }
});

function marksOf(run: MlflowRun | undefined): string[] {
  const prefix = 'kdeploy.task.';
  return (run?.data.tags ?? []).filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key.slice(prefix.length));
}
