import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';

import type { Outcome } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { commitAll } from '../support/environment/project.js';
import { guardMlflow, type GuardedMlflow } from '../support/guarded-mlflow.js';
import { foundInArchive } from '../support/image-archive.js';
import { readRun } from '../support/mlflow-run.js';
import { runsOf, type MlflowRun } from '../support/mlflow-runs.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const AUDIENCE = 'mlflow-behind-iap';
/** Seconds; an hour in production. */
const LIFETIME = 8;
const USERNAME = 'runner';
const PASSWORD = `hunter2-${randomBytes(6).toString('hex')}`;
const CREDENTIALS = { MLFLOW_TRACKING_USERNAME: USERNAME, MLFLOW_TRACKING_PASSWORD: PASSWORD };
const KEY_IN_CONTAINER = '/var/run/secrets/key.json';
const EXIT_CONFIG = 78;

/** A kept environment's MLflow has the runs of earlier times, too. */
const BEGIN = Date.now();
const experimentOf = (name: string): string => `guarded-${name}-${BEGIN}`;

/** Logs for longer than three tokens live, by every kind of call that carries one, and until the guard has seen that many. */
const LONG_TRAINING = `
import json, os, time, urllib.request

import mlflow
from kedro.pipeline import Pipeline, node


def watched():
    with urllib.request.urlopen(os.environ["WATCH"]) as answer:
        return json.load(answer)["token"]["credentials"]


def train_for_long(table):
    begin, before, step = time.monotonic(), watched(), 0
    while time.monotonic() - begin < 120:
        mlflow.log_metric("progress", step, step=step)
        mlflow.log_text(f"step {step}", f"steps/{step}.txt")
        step += 1
        if watched() >= before + 3 and time.monotonic() - begin > 3 * ${LIFETIME}:
            return
        time.sleep(0.2)
    raise TimeoutError("no three new tokens were seen")


def create_pipeline(**_):
    return Pipeline([node(train_for_long, "model_input_table", None, name="train_for_long_node")])
`;

describe('an image that runs behind a guard', () => {
  let workspace: Workspace;
  let mlflow: GuardedMlflow;
  let keyFile: string;
  /** Everything that was printed, by kdeploy and by containers. */
  const printed: string[] = [];

  before(async () => {
    workspace = await createWorkspace();
    keyFile = path.join(workspace.folder, 'key.json');
    const options = { audience: AUDIENCE, lifetime: LIFETIME, username: USERNAME, password: PASSWORD, keyFile };
    mlflow = await guardMlflow(environment(), options);
  });
  after(async () => {
    await workspace.remove();
    await mlflow.stop();
  });

  const noting = <Kept extends Outcome>(outcome: Kept): Kept => {
    printed.push(outcome.stdout, outcome.stderr);
    return outcome;
  };

  /** The docker client; `all` is both streams in their order. */
  const docker = async (...args: string[]): Promise<Outcome & { readonly all: string; readonly seconds: number }> => {
    const { exitCode, stdout, stderr, all, durationMs } = await execa('docker', args, {
      env: { ...environment().env },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    return noting({ exitCode, stdout, stderr, all, seconds: durationMs / 1000 });
  };

  const kdeploy = async (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    noting(await workspace.kdeploy(args, { cwd, env }));

  /** Secrets lie where people have them: in conf/local, beside mlflow.yml, and in the shell that builds. */
  async function buildProject(name: string, trackingUri: string, authentication: string, files = {}): Promise<string> {
    const project = await workspace.project(name, { experiment: experimentOf(name), trackingUri });
    const all = { 'conf/base/kdeploy.yml': `run_config:\n  authentication: ${authentication}\n`, ...files };
    for (const [file, content] of Object.entries<string>(all)) {
      await mkdir(path.dirname(path.join(project, file)), { recursive: true });
      await writeFile(path.join(project, file), content);
    }
    await commitAll(project, 'Log in');
    await writeFile(path.join(project, 'conf', 'local', 'key.json'), await readFile(keyFile));
    await writeFile(path.join(project, 'conf', 'local', 'credentials.yml'), `warehouse: ${PASSWORD}\n`);
    const build = ['build', '--builder', 'engine', '--base-image', environment().baseImage, '--tag', 'v1'];
    const shell = { ...CREDENTIALS, GOOGLE_APPLICATION_CREDENTIALS: keyFile, GOOGLE_AUDIENCE: AUDIENCE };
    const { exitCode, stderr } = await kdeploy(project, [...build, '--image', imageOf(name)], shell);
    expect(exitCode, stderr).to.equal(0);
    return project;
  }
  const imageOf = (name: string): string => `${workspace.prefix}/${name}`;
  const dataOf = (project: string): string[] => ['--volume', `${project}/data:/home/kedro_docker/data`];

  describe('by an ID token of Google', () => {
    let project: string;
    before(async () => {
      const files = { 'src/spaceflights/pipelines/long_training/__init__.py': LONG_TRAINING };
      project = await buildProject('google', mlflow.byToken, '{type: GoogleOAuth2}', files);
    });

    const googleRun = (audience: string, ...more: string[]) => [
      ...[
        '--volume',
        `${keyFile}:${KEY_IN_CONTAINER}:ro`,
        '--env',
        `GOOGLE_APPLICATION_CREDENTIALS=${KEY_IN_CONTAINER}`,
      ],
      ...['--env', `GOOGLE_AUDIENCE=${audience}`, '--env', `WATCH=${mlflow.watch}`, ...more, `${imageOf('google')}:v1`],
    ];

    it('ends with 78 and the reason when the token is for somebody else, and makes no run', async () => {
      const { exitCode, all, stdout, seconds } = await docker('run', '--rm', ...googleRun('somebody-else'));
      expect(exitCode, all).to.equal(EXIT_CONFIG);
      expect(stdout).to.equal('');
      expect(all)
        .to.match(/^kdeploy: MLflow at \S+ .*401/)
        .and.contain('Set the audience that the proxy expects');
      expect(seconds).to.be.below(30);
      const { credentials, refused } = await mlflow.seen('token');
      expect(credentials).to.equal(0);
      expect(refused).not.to.deep.equal([]);
      expect(await runsOf(environment().mlflowUri, experimentOf('google'))).to.deep.equal([]);
    });

    it('is let in at every call, for longer than three tokens live', async () => {
      const before = await mlflow.seen('token');
      const container = `${path.basename(workspace.prefix)}-google`;
      try {
        const args = googleRun(AUDIENCE, ...dataOf(project), '--name', container);
        const { exitCode, all } = await docker('run', ...args);
        expect(exitCode, all).to.equal(0);
        await docker('inspect', container);
      } finally {
        await docker('rm', '--force', container);
      }
      const after = await mlflow.seen('token');
      expect(after.refused.slice(before.refused.length)).to.deep.equal([]);
      expect(after.credentials).to.be.at.least(4);
      expect(after.calls.some((call) => /^PUT .*mlflow-artifacts/.test(call))).to.equal(true);

      const [made, ...others] = await runsOf(environment().mlflowUri, experimentOf('google'));
      expect(others).to.deep.equal([]);
      expect(made!.info.status).to.equal('FINISHED');
      expect(made!.data.metrics.map(({ key }) => key)).to.have.members(['r2', 'mean_absolute_error', 'progress']);
      const steps = made!.data.metrics.find(({ key }) => key === 'progress')!.value + 1;
      expect(await artifactsIn(made!, 'steps')).to.have.length(steps);
    });
  });

  describe('by user name and password', () => {
    let project: string;
    before(async () => {
      const variables = Object.keys(CREDENTIALS).join(', ');
      project = await buildProject('password', mlflow.byPassword, `{type: Vars, params: [${variables}]}`);
    });
    const credentials = Object.entries(CREDENTIALS).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const runs = () => runsOf(environment().mlflowUri, experimentOf('password'));

    it('ends with 78 and the name of the variable that is missing', async () => {
      const given = ['--env', `MLFLOW_TRACKING_USERNAME=${USERNAME}`];
      const { exitCode, stderr } = await docker('run', '--rm', ...given, `${imageOf('password')}:v1`);
      expect(exitCode, stderr).to.equal(EXIT_CONFIG);
      expect(stderr).to.contain('MLFLOW_TRACKING_PASSWORD is not set').and.not.to.contain('MLFLOW_TRACKING_USERNAME');
      expect(await mlflow.seen('password')).to.deep.equal({ calls: [], refused: [], credentials: 0 });
    });

    it('is let in with what `kdeploy run` passes on from the shell', async () => {
      const { exitCode, stdout, stderr } = await kdeploy(project, ['run'], CREDENTIALS);
      expect(exitCode, `${stdout}${stderr}`).to.equal(0);
      const [made, ...others] = await runs();
      expect(others).to.deep.equal([]);
      expect(made!.info.status).to.equal('FINISHED');
      expect(stderr).to.match(addressOf(made!.info.run_id));
      expect((await mlflow.seen('password')).refused).to.deep.equal([]);
    });

    it('is one run in two containers with one key, until somebody ends it', async () => {
      const key = `manual__${Date.now()}`;
      const keyed = [
        ...credentials,
        '--env',
        `KDEPLOY_RUN_KEY=${key}`,
        ...dataOf(project),
        `${imageOf('password')}:v1`,
      ];
      const before = await runs();
      const first = await docker('run', '--rm', ...keyed, 'kedro', 'run', '--pipeline', 'data_processing');
      expect(first.exitCode, first.all).to.equal(0);
      const shared = (await runs()).filter(({ info }) => !before.some((known) => known.info.run_id === info.run_id));
      expect(shared).to.have.length(1);
      const { run_id: runId, run_name: name, status } = shared[0]!.info;
      expect([name, status]).to.deep.equal([key, 'RUNNING']);

      const args = ['run', '--', 'kedro', 'run', '--pipeline', 'data_science'];
      const second = await kdeploy(project, args, { ...CREDENTIALS, KDEPLOY_RUN_KEY: key });
      expect(second.exitCode, `${second.stdout}${second.stderr}`).to.equal(0);
      expect(second.stderr).to.match(addressOf(runId));
      expect(await runs()).to.have.length(before.length + 1);
      expect(await readRun(environment().mlflowUri, runId)).to.include({ status: 'RUNNING' });

      const image = `${imageOf('password')}:v1`;
      const end = ['finish-run', '--run-key', key, '--status', 'FINISHED'];
      const finished = await docker('run', '--rm', ...credentials, image, ...end);
      expect(finished.exitCode, finished.all).to.equal(0);
      const record = await readRun(environment().mlflowUri, runId);
      expect(record.status).to.equal('FINISHED');
      expect(record.parameters).to.include.keys('model_options');
      expect(record.metrics).to.have.all.keys('r2', 'mean_absolute_error');

      const inspected = await kdeploy(project, ['inspect', '--run', runId], CREDENTIALS);
      expect(inspected.exitCode, inspected.stderr).to.equal(0);
      const revision = await run(['git', '-C', project, 'rev-parse', 'HEAD']);
      for (const [name, value] of Object.entries({ image, 'git revision': revision, status: 'FINISHED' }))
        expect(inspected.stdout).to.match(new RegExp(`^${name} +${value}$`, 'm'));
      expect((await mlflow.seen('password')).refused).to.deep.equal([]);
    });
  });

  describe('keeps its secrets', () => {
    let secrets: readonly string[];
    before(async () => {
      // A line in the middle of the key, which is the same in the JSON file and in a PEM file.
      const key = (JSON.parse(await readFile(keyFile, 'utf8')) as { private_key: string }).private_key;
      secrets = [key.split('\n')[9]!, PASSWORD];
    });

    it('out of the images: layers, labels, history', async () => {
      const names = ['google', 'password'].map((name) => `${imageOf(name)}:v1`);
      const archive = path.join(workspace.folder, 'images.tar');
      // In one archive, the layers that they share are written, and searched, once.
      await run(['docker', 'save', '--output', archive, ...names], { env: environment().env });
      // What is baked is found, so that the search is known to work.
      const trackingUris = [mlflow.byToken, mlflow.byPassword];
      expect(await foundInArchive(archive, [...trackingUris, ...secrets])).to.deep.equal(trackingUris);
      await rm(archive);
      for (const name of names) {
        const image = workspace.docker.getImage(name);
        const told = JSON.stringify([await image.inspect(), await image.history()]);
        for (const secret of secrets) expect(told).not.to.contain(secret);
      }
    });

    it('out of everything that was printed', () => {
      expect(printed.length).to.be.above(12);
      for (const text of printed) for (const secret of secrets) expect(text).not.to.contain(secret);
    });

    it('out of the state folder', async () => {
      const folder = workspace.env.KDEPLOY_STATE_FOLDER!;
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => path.join(parentPath, name));
      expect(files).not.to.deep.equal([]);
      for (const file of files)
        for (const secret of secrets) expect(await readFile(file, 'utf8'), file).not.to.contain(secret);
    });
  });

  const addressOf = (runId: string): RegExp =>
    new RegExp(`^MLflow run: ${mlflow.byPassword}/#/experiments/\\d+/runs/${runId}$`, 'm');
});

async function artifactsIn({ info }: MlflowRun, folder: string): Promise<string[]> {
  const query = new URLSearchParams({ run_id: info.run_id, path: folder }).toString();
  const answer = await fetch(`${environment().mlflowUri}/api/2.0/mlflow/artifacts/list?${query}`);
  return ((await answer.json()) as { files?: { path: string }[] }).files?.map((file) => file.path) ?? [];
}
