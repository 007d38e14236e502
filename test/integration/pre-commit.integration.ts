import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { executable } from '../support/command.js';
import { packageIndexVariables } from '../support/environment/package-index.js';
import { preCommitFramework } from '../support/hook-managers.js';
import { nightly } from '../support/nightly.js';
import { PushSandbox, run, type Ended } from '../support/push-sandbox.js';
import { standInWheel } from '../support/stand-in-wheel.js';
import { MLFLOW_YML, projectFiles } from '../process/hook/projects.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The real framework installs the hook from a tag of a bare repository that holds what this one has for it, on a machine without
 * npm. A stand-in for the wheel starts the kdeploy under test; what starts kdeploy in the real one has tests of its own.
 */
describe('the hook for the pre-commit framework', () => {
  let sandbox: PushSandbox;
  const config = (id = 'kdeploy', stage?: string) => ({
    repo: sandbox.file('hooks.git'),
    rev: 'v0.1.0',
    hooks: [{ id, verbose: true, ...(stage === undefined ? {} : { stages: [stage] }) }],
  });

  before(async function () {
    this.timeout(120_000);
    sandbox = await PushSandbox.create();
    const bare = await sandbox.pathWithoutNode();
    const tools = await preCommitFramework();
    const wheels = await standInWheel(sandbox.file('wheels'), '0.1.0+unreleased', [process.execPath, executable]);
    await sandbox.git(sandbox.file('.'), 'init', '--quiet', '--initial-branch=main', 'hooks');
    for (const file of ['.pre-commit-hooks.yaml', 'pyproject.toml']) {
      await cp(path.join(root, file), path.join(sandbox.file('hooks'), file));
    }
    await sandbox.commit('README.md', 'What the framework installs', sandbox.file('hooks'));
    await sandbox.git(sandbox.file('hooks'), 'tag', 'v0.1.0');
    await sandbox.git(sandbox.file('.'), 'clone', '--quiet', '--bare', 'hooks', 'hooks.git');

    Object.assign(sandbox.env, packageIndexVariables(), {
      // No node and no npm: whatever is installed comes with the wheel.
      PATH: [tools, bare, '/usr/bin', '/bin'].join(path.delimiter),
      PRE_COMMIT_HOME: sandbox.file('pre-commit'),
      PIP_FIND_LINKS: wheels,
    });
    const files = { ...projectFiles(), 'conf/local/mlflow.yml': MLFLOW_YML };
    for (const [file, text] of Object.entries(files)) await sandbox.write(`work tree/services/flights/${file}`, text);
    await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [config()] }));
    await sandbox.commit('README.md', '');
    await tool('install', '--install-hooks', '--hook-type', 'pre-push');
  });
  after(() => sandbox.remove());

  const tool = async (...args: string[]): Promise<Ended> => {
    const ended = await run('pre-commit', args, sandbox.root, sandbox.env);
    expect(ended.exitCode, `pre-commit ${args.join(' ')}: ${ended.stdout}${ended.stderr}`).to.equal(0);
    return ended;
  };
  const remote = (ref: string) => sandbox.git(sandbox.root, 'ls-remote', 'origin', ref);
  const push = async (args: string[], folder = sandbox.root) => {
    const { exitCode, stdout, stderr } = await sandbox.push(args, {}, folder);
    return { isPushed: exitCode === 0, output: stdout + stderr };
  };
  const requirements = (text: string) => sandbox.commit('services/flights/requirements.txt', text);
  const GOOD = projectFiles()['requirements.txt']!;
  const BAD = 'kedro~=1.0\n';

  const idOf = (revision: string) => sandbox.git(sandbox.root, 'rev-parse', revision);

  const expectPushed = async (args: string[], words: string, folder?: string) => {
    const { isPushed, output } = await push(args, folder);
    expect(isPushed, output).to.equal(true);
    expect(output).to.contain(words);
  };
  const expectRefused = async (args: string[], folder?: string) => {
    const { isPushed, output } = await push(args, folder);
    expect(isPushed, output).to.equal(false);
    expect(output).to.match(/requirements\.txt: error: kedro-mlflow is missing .*\[kedro-mlflow-required\]/);
    expect(output).to.contain('Push rejected by kdeploy.');
  };

  it('can be tried before it is installed, from the bare repository and a tag of it', async () => {
    const tried = ['try-repo', sandbox.file('hooks.git'), 'kdeploy', '--ref', 'v0.1.0'];
    const { stdout } = await tool(...tried, '--hook-stage', 'pre-push', '--verbose', '--all-files');
    expect(stdout).to.contain('kdeploy checked services/flights as committed: no problems');
  });

  it('lets a good push go, the first of a branch, and says what it checked', async () => {
    await expectPushed(['main'], 'kdeploy checked services/flights as committed: no problems');
    expect(await remote('refs/heads/main')).not.to.equal('');
  });

  it('stops a bad push, from a folder of the project as well', async () => {
    await requirements(BAD);
    const before = await remote('refs/heads/main');
    await expectRefused(['main']);
    await expectRefused(['main'], path.join(sandbox.root, 'services/flights/src'));
    expect(await remote('refs/heads/main')).to.equal(before);
  });

  it('stops it on a new branch, and as a tag', async () => {
    await expectRefused(['main:refs/heads/new']);
    await sandbox.git(sandbox.root, 'tag', 'v0');
    await expectRefused(['v0']);
    expect([await remote('refs/heads/new'), await remote('refs/tags/v0')]).to.deep.equal(['', '']);
  });

  it('lets it go once it is fixed, from a folder of the project, and with a tag', async () => {
    await requirements(`# fixed\n${GOOD}`);
    await expectPushed(['main'], 'no problems', path.join(sandbox.root, 'services/flights/src'));
    await sandbox.git(sandbox.root, 'tag', 'v1');
    await push(['v1']);
    expect(await remote('refs/tags/v1')).not.to.equal('');
  });

  it('lets a branch go that has nothing new, back to an older commit, and its deletion', async () => {
    for (const args of [['main:refs/heads/same'], ['--force', 'main~2:refs/heads/main'], ['--delete', 'same']]) {
      const { isPushed, output } = await push(args);
      expect(isPushed, `${args.join(' ')}: ${output}`).to.equal(true);
    }
    expect(await remote('refs/heads/same')).to.equal('');
  });

  it('judges a branch that was written anew, over the commits that it replaces', async () => {
    await sandbox.git(sandbox.root, 'reset', '--quiet', '--hard', 'main~1');
    await requirements(BAD);
    await expectRefused(['--force', 'main']);
    await requirements(`# written anew\n${GOOD}`);
    await expectPushed(['--force', 'main'], 'no problems');
    expect(await remote('refs/heads/main')).to.contain(await idOf('main'));
  });

  it('judges the first of two refs, which is all that the framework hands on, and a commit of both once', async () => {
    await requirements(`# two at once\n${GOOD}`);
    const good = await idOf('main');
    await requirements(BAD);
    await expectRefused(['main:refs/heads/a', `${good}:refs/heads/b`]);
    expect(await remote('refs/heads/b'), 'nothing of the push arrives').to.equal('');
    const { isPushed, output } = await push([`${good}:refs/heads/a`, `${good}:refs/heads/b`]);
    expect(isPushed, output).to.equal(true);
    expect(output.match(/kdeploy checked services\/flights as committed/g), output).to.have.lengthOf(1);
    await sandbox.git(sandbox.root, 'reset', '--quiet', '--hard', good);
  });

  const configure = (stage?: string) =>
    sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [config('kdeploy', stage)] }));

  it('knows the stage by its older name', async () => {
    await configure('push');
    await requirements(BAD);
    await expectRefused(['main:refs/heads/old-stage']);
    await configure();
  });

  // Each version installs the hook anew: 10 s.
  for (const version of ['3.2.0', '3.8.0'])
    nightly.it(`works with the framework’s version ${version}, and either name of the stage`, async () => {
      const { PATH = '' } = sandbox.env;
      try {
        sandbox.env.PATH = [await preCommitFramework(version), PATH].join(path.delimiter);
        sandbox.env.PRE_COMMIT_HOME = sandbox.file(`pre-commit-${version}`);
        await tool('install', '--overwrite', '--hook-type', 'pre-push');
        for (const stage of [undefined, 'push', 'pre-push']) {
          const branch = `main:refs/heads/by-${version}-${stage ?? 'default'}`;
          await configure(stage);
          await requirements(BAD);
          await expectRefused([branch]);
          await requirements(`# ${version} ${stage ?? ''}\n${GOOD}`);
          await expectPushed([branch], 'no problems');
        }
      } finally {
        Object.assign(sandbox.env, { PATH, PRE_COMMIT_HOME: sandbox.file('pre-commit') });
        await configure();
        await tool('install', '--overwrite', '--hook-type', 'pre-push');
      }
    });

  describe('asks the project’s Kedro, and not the one that is installed beside it', () => {
    // It fails, and the message names the one that was asked.
    const wrong = (place: string) => sandbox.write(place, '#!/bin/sh\nexit 1\n', 0o755);
    const asked = async (variables: Readonly<Record<string, string>> = {}) => {
      const { exitCode, stdout, stderr } = await sandbox.push(['main:refs/heads/kedro'], variables);
      return `${exitCode === 0 ? '' : 'refused: '}${stdout}${stderr}`;
    };
    const onPath = (folder: string) => [sandbox.file(folder), sandbox.env.PATH].join(path.delimiter);
    before(async () => {
      await requirements(`# asked\n${GOOD}`);
      await sandbox.write('work tree/services/flights/conf/local/mlflow.yml', MLFLOW_YML.replace('https:', '${a:b}'));
      for (const environment of ['active', 'conda/envs/ml']) {
        await wrong(`${environment}/bin/kedro`);
        await wrong(`${environment}/bin/python`);
      }
      await sandbox.write('conda/envs/ml/conda-meta/history', '');
    });

    it('says where it looked, and which one it passed over, where the project has none', async () => {
      const output = await asked();
      expect(output).to.match(/^refused: /);
      expect(output).to.match(
        /kedro was not found for the project \(searched --kedro, KDEPLOY_KEDRO, \.venv, VIRTUAL_ENV=\S+, PATH, CONDA_PREFIX; \S+\/bin\/kedro is in the environment of kdeploy itself\)/,
      );
    });

    it('that is active, a virtual environment or one of conda', async () => {
      const active = { PATH: onPath('active/bin'), VIRTUAL_ENV: sandbox.file('active') };
      expect(await asked(active)).to.contain(`exit code 1: ${sandbox.file('active/bin/python')} `);
      const conda = { PATH: onPath('conda/envs/ml/bin'), CONDA_PREFIX: sandbox.file('conda/envs/ml') };
      expect(await asked(conda)).to.contain(`exit code 1: ${sandbox.file('conda/envs/ml/bin/python')} `);
    });

    it('in its .venv before that', async () => {
      await wrong('work tree/services/flights/.venv/bin/kedro');
      await wrong('work tree/services/flights/.venv/bin/python');
      const active = { PATH: onPath('active/bin'), VIRTUAL_ENV: sandbox.file('active') };
      const own = path.join(sandbox.root, 'services/flights/.venv/bin/python');
      for (const variables of [{}, active]) expect(await asked(variables)).to.contain(`exit code 1: '${own}' `);
    });
  });
});
