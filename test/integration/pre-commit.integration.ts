import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { executable } from '../support/command.js';
import { packageIndexVariables } from '../support/environment/package-index.js';
import { preCommitFramework } from '../support/hook-managers.js';
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

  it('knows the stage by its older name', async () => {
    await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [config('kdeploy', 'push')] }));
    await requirements(BAD);
    await expectRefused(['main:refs/heads/old-stage']);
    await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [config()] }));
  });

  it('asks the project’s Kedro, and none beside kdeploy: that of its .venv, else the active one', async () => {
    // It fails, and the message names the one that was asked.
    const wrong = (place: string) => sandbox.write(place, '#!/bin/sh\nexit 1\n', 0o755);
    await requirements(`# asked\n${GOOD}`);
    await sandbox.write('work tree/services/flights/conf/local/mlflow.yml', MLFLOW_YML.replace('https:', '${a:b}'));
    await wrong('active/bin/kedro');
    await wrong('active/bin/python');
    const active = {
      PATH: [sandbox.file('active/bin'), sandbox.env.PATH].join(path.delimiter),
      VIRTUAL_ENV: sandbox.file('active'),
    };
    const asked = async () => {
      const { stdout, stderr } = await sandbox.push(['main:refs/heads/kedro'], active);
      return stdout + stderr;
    };
    expect(await asked()).to.contain(`exit code 1: ${sandbox.file('active/bin/python')} `);
    await wrong('work tree/services/flights/.venv/bin/kedro');
    await wrong('work tree/services/flights/.venv/bin/python');
    const { root: top } = sandbox;
    expect(await asked()).to.contain(`exit code 1: ${path.join(top, 'services/flights/.venv/bin/python')} `);
  });
});
