import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { startBasicAuthProxy, type BasicAuthProxy } from '../support/basic-auth-proxy.js';
import { environment } from '../support/environment/mocha.js';
import { freePort } from '../support/environment/ports.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';
import type { Report } from '../../src/ui/reports/report.js';

interface Verdict {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
}

const USER = 'training';
const PASSWORD = 'hunter2-right: ü';
const CREDENTIALS = { MLFLOW_TRACKING_USERNAME: USER, MLFLOW_TRACKING_PASSWORD: PASSWORD };

/** Nothing that `check` finds fault with; nobody builds it. */
const DOCKERFILE = ['FROM scratch', 'COPY requirements.txt .', 'RUN pip install -r requirements.txt', 'COPY . .'];

describe('an MLflow server that is asked before anything is built', () => {
  let workspace: Workspace;
  let open: string;
  let authenticating: string;
  let experiment: string;
  let proxy: BasicAuthProxy;
  let nobody: string;

  before(async () => {
    workspace = await createWorkspace();
    [open, authenticating] = await Promise.all([
      workspace.tinyProject('open', DOCKERFILE),
      workspace.tinyProject('authenticating', DOCKERFILE),
    ]);
    await mkdir(path.join(authenticating, 'conf', 'base'), { recursive: true });
    await writeFile(
      path.join(authenticating, 'conf', 'base', 'kdeploy.yml'),
      'run_config:\n  authentication:\n    - {type: Vars, params: [MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD]}\n',
    );
    const { mlflowUri, gateway } = environment();
    // Not on the loopback, which `check` refuses for its own reasons.
    proxy = await startBasicAuthProxy({ target: mlflowUri, user: USER, password: PASSWORD, address: gateway });
    nobody = `http://${gateway}:${await freePort(gateway)}`;
  });
  beforeEach(() => {
    experiment = `online-${randomBytes(4).toString('hex')}`;
  });
  after(async () => {
    await proxy.stop();
    await workspace.remove();
  });

  const checkWith = async (project: string, args: readonly string[], env: Record<string, string> = {}) => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(
      ['check', '--online', '--experiment', experiment, '--format', 'json', ...args],
      { cwd: project, env },
    );
    expect(stdout + stderr).not.to.contain('hunter2');
    const { projects } = JSON.parse(stdout) as Report;
    const online = projects.flatMap(({ findings }) => findings).filter(({ rule }) => rule === 'mlflow-online');
    return { exitCode, found: online.map(({ severity, message }) => `${severity}: ${message}`) };
  };
  const check = (project: string, uri: string, env?: Record<string, string>) =>
    checkWith(project, ['--tracking-uri', uri], env);

  const examine = async (project: string, uri: string, env: Record<string, string> = {}) => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['doctor', '--json'], {
      cwd: project,
      env: { KDEPLOY_IMAGE_NAME: `${workspace.prefix}/tiny`, KDEPLOY_TRACKING_URI: uri, ...env },
    });
    expect(stdout + stderr).not.to.contain('hunter2');
    const { probes } = JSON.parse(stdout) as { probes: readonly Verdict[] };
    const { status, detail } = probes.find(({ id }) => id === 'mlflow') ?? {};
    const others = probes.filter((probe) => probe.id !== 'mlflow' && probe.status === 'failed');
    expect(others).to.deep.equal([]);
    return { exitCode, status, detail };
  };

  /** MLflow's own REST API (protos/service.proto). */
  const post = async <Answer>(call: string, body: object): Promise<Answer> => {
    const answer = await fetch(`${environment().mlflowUri}/api/2.0/mlflow/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status, call).to.equal(200);
    return (await answer.json()) as Answer;
  };
  const createExperiment = async (): Promise<string> =>
    (await post<{ experiment_id: string }>('experiments/create', { name: experiment })).experiment_id;

  describe('by `kdeploy check --online`', () => {
    it('has no experiment, then has it, then had it deleted', async () => {
      const { mlflowUri } = environment();
      expect(await check(open, mlflowUri)).to.deep.equal({
        exitCode: 0,
        found: [`info: experiment ${experiment} does not exist on ${mlflowUri} yet; the first run creates it`],
      });
      const id = await createExperiment();
      expect(await check(open, mlflowUri)).to.deep.equal({ exitCode: 0, found: [] });
      await post('experiments/delete', { experiment_id: id });
      expect(await check(open, mlflowUri)).to.deep.equal({
        exitCode: 0,
        found: [
          `warning: the experiment ${experiment} is deleted on ${mlflowUri}; kedro-mlflow restores it unless restore_if_deleted is false`,
        ],
      });
    });

    it('lets the container in behind a proxy, for all that is asked', async () => {
      await createExperiment();
      expect(await check(authenticating, proxy.url, CREDENTIALS)).to.deep.equal({ exitCode: 0, found: [] });
    });

    it('lets in whoever stands in the tracking URI; the password is shown to nobody, and another check objects to it', async () => {
      const uri = proxy.url.replace('://', `://${USER}:${encodeURIComponent(PASSWORD)}@`);
      await mkdir(path.join(open, 'conf', 'careless'));
      await writeFile(path.join(open, 'conf', 'careless', 'mlflow.yml'), `server:\n  mlflow_tracking_uri: ${uri}\n`);
      expect(await checkWith(open, ['--env', 'careless'])).to.deep.equal({
        exitCode: 1,
        found: [
          `info: experiment ${experiment} does not exist on ${proxy.url.replace('://', '://***@')} yet; the first run creates it`,
        ],
      });
    });

    const failures: readonly [what: string, project: () => string, env: Record<string, string>, found: string][] = [
      [
        'refuses a wrong password',
        () => authenticating,
        { ...CREDENTIALS, MLFLOW_TRACKING_PASSWORD: 'hunter2-wrong' },
        'error: PROXY rejects the credentials that the container would send (HTTP 401)',
      ],
      [
        'is not even asked without the password',
        () => authenticating,
        { MLFLOW_TRACKING_USERNAME: 'hunter2-user' },
        'error: this machine cannot authenticate as the container would: not set in this shell: MLFLOW_TRACKING_PASSWORD',
      ],
      [
        'wants authentication of a project that configures none, whatever the shell has',
        () => open,
        CREDENTIALS,
        'error: PROXY requires authentication (HTTP 401), but kdeploy.yml configures none',
      ],
    ];
    for (const [what, project, env, found] of failures) {
      it(`${what}, which is an error`, async () => {
        expect(await check(project(), proxy.url, env)).to.deep.equal({
          exitCode: 1,
          found: [found.replace('PROXY', proxy.url)],
        });
      });
    }

    it('is not there, which is an error', async () => {
      expect(await check(open, nobody)).to.deep.equal({
        exitCode: 1,
        found: [`error: ${nobody} refused the connection`],
      });
    });

    it('does not accept its host name, which is not a matter of rights', async () => {
      const { mlflowUri, gateway } = environment();
      const options = { target: mlflowUri, user: USER, password: PASSWORD, address: gateway };
      const renaming = await startBasicAuthProxy({ ...options, host: 'mlflow.example.com' });
      const { host } = new URL(renaming.url);
      expect(await check(authenticating, renaming.url, CREDENTIALS)).to.deep.equal({
        exitCode: 1,
        found: [`error: ${renaming.url} does not accept the host name ${host} (HTTP 403, Invalid Host header)`],
      });
      await renaming.stop();
    });

    it('is not asked without --online', async () => {
      const { exitCode, stdout } = await workspace.kdeploy(['check', '--tracking-uri', nobody], { cwd: open });
      expect(exitCode).to.equal(0);
      expect(stdout).not.to.contain('mlflow-online');
    });
  });

  describe('by `kdeploy doctor`', () => {
    it('is well, on its own and behind a proxy with the right password', async () => {
      const { mlflowUri } = environment();
      const alone = await examine(open, mlflowUri);
      expect(alone).to.include({ exitCode: 0, status: 'ok' });
      expect(alone.detail).to.match(/^MLflow \d+\.\d+\.\d+ at /);
      expect(await examine(authenticating, proxy.url, CREDENTIALS)).to.deep.equal({
        ...alone,
        detail: alone.detail?.replace(mlflowUri, proxy.url),
      });
    });

    const failures: readonly [what: string, uri: () => string, env: Record<string, string>, detail: string][] = [
      [
        'refuses a wrong password',
        () => proxy.url,
        { ...CREDENTIALS, MLFLOW_TRACKING_PASSWORD: 'hunter2-wrong' },
        'URI rejects the credentials that the container would send (HTTP 401)',
      ],
      [
        'is not even asked without a password',
        () => proxy.url,
        {},
        'not set in this shell: MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD',
      ],
      ['is not there', () => nobody, CREDENTIALS, 'URI refused the connection'],
    ];
    for (const [what, uri, env, detail] of failures) {
      it(`${what}, which is told alone`, async () => {
        expect(await examine(authenticating, uri(), env)).to.deep.equal({
          exitCode: 3,
          status: 'failed',
          detail: detail.replace('URI', uri()),
        });
      });
    }
  });

  it('lets in whoever sends what `kdeploy auth token` prints', async () => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['auth', 'token'], {
      cwd: authenticating,
      env: CREDENTIALS,
    });
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    const [, name = '', value = ''] = /^(\S+): (.+)\n$/.exec(stdout) ?? [];
    const ask = (headers: Record<string, string>) => fetch(`${proxy.url}/version`, { headers });
    expect((await ask({ [name]: value })).status).to.equal(200);
    expect((await ask({})).status).to.equal(401);
  });

  it('leads from a run back to its image by `kdeploy inspect --run`, behind the proxy as well', async () => {
    const { run } = await post<{ run: { info: { run_id: string } } }>('runs/create', {
      experiment_id: await createExperiment(),
      run_name: 'training',
      tags: [
        { key: 'kdeploy.image', value: 'registry.example.com/app:v1' },
        { key: 'kdeploy.git_revision', value: 'f00ba4' },
        { key: 'kdeploy.airflow.dag_id', value: 'train' },
      ],
    });
    const trace = async (runId: string, env: Record<string, string>) =>
      workspace.kdeploy(['inspect', '--run', runId, '--tracking-uri', proxy.url], { cwd: authenticating, env });

    const found = await trace(run.info.run_id, CREDENTIALS);
    expect(found.exitCode, found.stderr).to.equal(0);
    expect(found.stdout)
      .to.match(/^image +registry\.example\.com\/app:v1$/m)
      .and.to.match(/^git revision +f00ba4$/m)
      .and.to.match(/^airflow\.dag_id +train$/m);

    const unknown = await trace('0'.repeat(32), CREDENTIALS);
    expect(unknown.exitCode).to.equal(2);
    expect(unknown.stderr).to.contain(`${proxy.url} has no run ${'0'.repeat(32)}`);

    const refused = await trace(run.info.run_id, { ...CREDENTIALS, MLFLOW_TRACKING_PASSWORD: 'hunter2-wrong' });
    expect(refused.exitCode).to.equal(3);
    expect(refused.stderr).to.contain(`${proxy.url} rejects the credentials that the container would send (HTTP 401)`);
    expect(refused.stdout + refused.stderr).not.to.contain('hunter2');
  });
});
