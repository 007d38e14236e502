import { chmod, lstat, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { tracesOf } from '../support/leftovers.js';
import { runsOf } from '../support/mlflow-runs.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('run', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = await createWorkspace();
  });
  after(() => workspace.remove());

  describe('of a pipeline', () => {
    it("prints the MLflow run's address, and lets the container write to data/ for as long as it runs", async () => {
      const experiment = `kdeploy-run-${Date.now()}`;
      const project = await workspace.project('spaceflights', { experiment });
      const data = path.join(project, 'data');
      // As a checkout has it: nobody but its owner writes, and some of it only the owner reads.
      await run(['chmod', '--recursive', 'go-w', data]);
      await chmod(path.join(data, '01_raw', 'reviews.csv'), 0o600);
      const modes = await modesBelow(data);
      const image = `${workspace.prefix}/spaceflights`;
      const build = ['build', '--builder', 'engine', '--base-image', environment().baseImage, '--self-test', 'never'];
      const built = await workspace.kdeploy([...build, '--image', image, '--tag', 'v1'], { cwd: project });
      expect(built.exitCode, built.stderr).to.equal(0);

      const { exitCode, stdout, stderr } = await workspace.kdeploy(['run'], { cwd: project });
      expect(exitCode, `${stdout}${stderr}`).to.equal(0);
      expect(`${stdout}${stderr}`).to.contain('Pipeline execution completed');
      const [mlflowRun] = await runsOf(environment().mlflowUri, experiment);
      expect(mlflowRun?.info.status).to.equal('FINISHED');
      expect(stderr).to.match(
        new RegExp(`^MLflow run: ${environment().mlflowUri}/#/experiments/\\d+/runs/${mlflowRun!.info.run_id}$`, 'm'),
      );
      const after = await modesBelow(data);
      expect(Object.keys(after)).to.include.members([
        '02_intermediate/preprocessed_companies.csv',
        '06_models/regressor.pickle',
      ]);
      expect(after).to.include(modes);
      expect((await tracesOf(workspace)).containers).to.deep.equal([]);
    });
  });

  describe('of a command', () => {
    let project: string;
    before(async () => {
      project = await workspace.tinyProject('command', PYTHON_IMAGE());
      await workspace.buildTiny(project, `${workspace.prefix}/command`, '--tag', 'v1');
    });
    const python = (script: string, ...more: string[]) =>
      workspace.kdeploy(['run', ...more, '--', 'python', '-c', script], { cwd: project });

    it('passes its exit code on', async () => {
      expect((await python('raise SystemExit(7)')).exitCode).to.equal(7);
      expect((await python('pass')).exitCode).to.equal(0);
    });

    it('keeps its stdout and its stderr apart', async () => {
      const { stdout, stderr } = await python('import sys; print("to stdout"); print("to stderr", file=sys.stderr)');
      expect(stdout).to.equal('to stdout\n');
      expect(stderr).to.contain('to stderr').and.not.to.contain('to stdout');
    });

    it('hands arguments on as they are, also those that look like its own', async () => {
      const script = 'import sys, json; print(json.dumps(sys.argv[1:]))';
      const words = ['--json', '-e', 'a b', '', '--', '$HOME'];
      const { stdout } = await workspace.kdeploy(['run', '--', 'python', '-c', script, ...words], { cwd: project });
      expect(JSON.parse(stdout)).to.deep.equal(words);
    });

    it('does not start a pipeline whose MLflow server is the container itself', async () => {
      const variable = ['-e', 'MLFLOW_TRACKING_URI=http://127.0.0.1:5000'];
      const pipeline = await workspace.kdeploy(['run', ...variable, '--', 'kedro', 'run'], { cwd: project });
      expect(pipeline.exitCode, pipeline.stderr).to.equal(2);
      expect(pipeline.stderr).to.contain('to reach a server on this machine: the same command with --network host');
      const { exitCode, stderr } = await python('pass', ...variable, '--network', 'host');
      expect([exitCode, stderr]).to.deep.equal([0, 'no MLflow run URL found in the output\n']);
    });

    it('sets the variables it is given', async () => {
      const { stdout } = await python('import os; print(os.environ["A"], os.environ["B"])', '-e', 'A=1', '-e', 'B=x=y');
      expect(stdout).to.equal('1 x=y\n');
    });
  });

  describe('of an image that authenticates by variables', () => {
    const secret = 'planted-b01c-password';
    let project: string;
    before(async () => {
      project = await workspace.project('variables');
      const types = 'type: Vars\n    params: [MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD]';
      await writeFile(
        path.join(project, 'conf', 'base', 'kdeploy.yml'),
        `run_config:\n  authentication:\n    ${types}\n`,
      );
      const image = `${workspace.prefix}/variables`;
      await workspace.buildTiny(project, image, '--tag', 'v1', '--base-image', environment().baseImage);
    });

    it('ends with 78 and names every variable that is missing', async () => {
      const { exitCode, stderr } = await workspace.kdeploy(['run'], { cwd: project });
      expect(exitCode, stderr).to.equal(78);
      for (const name of ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD']) expect(stderr).to.contain(name);
    });

    it('passes those of the shell on, and shows their names only', async () => {
      const script = 'import os; print(len(os.environ["MLFLOW_TRACKING_PASSWORD"]))';
      const { exitCode, stdout, stderr } = await workspace.kdeploy(['run', '--verbose', '--', 'python', '-c', script], {
        cwd: project,
        env: { MLFLOW_TRACKING_USERNAME: 'someone', MLFLOW_TRACKING_PASSWORD: secret },
      });
      expect(exitCode, stderr).to.equal(0);
      expect(stdout).to.equal(`${secret.length}\n`);
      expect(stderr).to.contain('MLFLOW_TRACKING_PASSWORD').and.not.to.contain(secret);
    });
  });
});

const PYTHON_IMAGE = () => [
  `FROM ${environment().baseImage}`,
  'WORKDIR /home/kedro',
  'COPY . .',
  'CMD ["python", "-c", ""]',
];

async function modesBelow(folder: string): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for (const name of await readdir(folder, { recursive: true }))
    modes[name] = ((await lstat(path.join(folder, name))).mode & 0o7777).toString(8);
  return modes;
}
