import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import { execa } from 'execa';

import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { packedRepository } from '../support/packed-repository.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the package, installed somewhere else', () => {
  let workspace: Workspace;
  let project: string;
  let installed: string;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.tinyProject('tiny', [
      `FROM ${environment().baseImage}`,
      'WORKDIR /home/kedro',
      'COPY . .',
      'CMD ["kedro", "run"]',
    ]);
    const elsewhere = path.join(workspace.folder, 'elsewhere');
    await mkdir(elsewhere);
    const { tarball } = await packedRepository();
    // With the user's own npm cache, so that the registry is asked for what is missing only.
    await run(
      ['npm', 'install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', elsewhere, tarball],
      {
        cwd: elsewhere,
      },
    );
    installed = path.join(elsewhere, 'node_modules');
  });
  after(() => workspace.remove());

  const kdeploy = (...args: string[]) =>
    execa(path.join(installed, '.bin', 'kdeploy'), args, {
      cwd: project,
      env: workspace.env,
      extendEnv: false,
      reject: false,
    });

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await kdeploy('--version')).stdout).to.match(new RegExp(`^kdeploy/${version} `));
  });

  it('has the templates that init and build take', async () => {
    const { exitCode, stderr } = await kdeploy('init');
    expect(exitCode, stderr).to.equal(0);
    expect(await readFile(path.join(project, 'conf', 'base', 'kdeploy.yml'), 'utf8')).to.contain('image:');
  });

  it('builds an image with the runtime in it', async () => {
    const image = `${workspace.prefix}/packed`;
    const args = ['--builder', 'engine', '--no-check', '--self-test', 'never', '--image', image, '--tag', 'v1'];
    const { exitCode, stderr } = await kdeploy('build', ...args);
    expect(exitCode, stderr).to.equal(0);
    const command = ['-c', 'import kdeploy_runtime; print(kdeploy_runtime.__file__)'];
    const docker = ['docker', 'run', '--rm', '--entrypoint', 'python', `${image}:v1`, ...command];
    expect(await run(docker, { env: workspace.env })).to.equal('/opt/kdeploy/lib/kdeploy_runtime/__init__.py');
  });

  it('checks a project', async () => {
    const { exitCode, stdout } = await kdeploy('check', '--format', 'json');
    // The Dockerfile of this project installs nothing; its base image may, so that this is a warning.
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain('kedro-mlflow-installed-by-dockerfile');
  });

  it('names the packages that were compiled into it, with their licences', async () => {
    const licences = await readFile(path.join(installed, 'kdeploy', 'dist', 'third-party-licences.txt'), 'utf8');
    expect(licences)
      .to.match(/^== yaml \S+ \(ISC\)$/m)
      .and.to.match(/^== @oclif\/core \S+ \(MIT\)$/m);
  });

  it('tells the place in the sources when it shows a stack', async () => {
    const { stderr } = await kdeploy('check', '--verbose', '--project', 'nowhere');
    expect(stderr).to.match(/at findProject \(src\/project\/project\.ts:\d+:\d+\)/);
  });

  it('shows its help and its version, however they are asked for', async () => {
    const root = (await kdeploy('help')).stdout;
    expect(root).to.contain('autocomplete').and.to.contain('check');
    for (const words of [['-h'], ['--help'], []]) expect((await kdeploy(...words)).stdout).to.equal(root);
    const { stdout } = await kdeploy('help', 'auth', 'token');
    expect(stdout).to.contain('$ kdeploy auth token');
    for (const flag of ['-h', '--help']) expect((await kdeploy('auth', 'token', flag)).stdout).to.equal(stdout);
    expect(JSON.parse((await kdeploy('help', 'auth', 'token', '--json')).stdout)).to.deep.equal({
      version: 1,
      text: stdout,
    });
    const version = /^kdeploy\/\d+\.\d+\.\d+ \S+ node-v\S+$/;
    for (const words of ['version', '--version', '-V', 'check -V'])
      expect((await kdeploy(...words.split(' '))).stdout).to.match(version);
  });

  it('says what was meant by a misspelled command', async () => {
    const cases = [
      ['helpp', 'did you mean `kdeploy help`?'],
      ['help chek', 'did you mean `kdeploy check`?'],
      ['hook instal', 'did you mean `kdeploy hook install`?'],
      ['hook foo -h', 'choose one of: kdeploy hook install'],
      ['check --onlin', 'did you mean --online?'],
    ] as const;
    for (const [words, meant] of cases) {
      const { exitCode, stderr } = await kdeploy(...words.split(' '));
      expect(exitCode).to.equal(2);
      expect(stderr).to.contain(meant);
    }
  });
});
