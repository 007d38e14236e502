import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { captureOutput } from '@oclif/test';
import { expect } from 'chai';
import HookInstall from '../../../src/commands/hook/install.js';
import HookUninstall from '../../../src/commands/hook/uninstall.js';
import Init from '../../../src/commands/init.js';
import { PushSandbox } from '../../support/push-sandbox.js';
import { commandConfig } from '../../unit/commands/command-config.js';
import { restoreEnvironment } from '../../support/restore-environment.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the commands of the hook', () => {
  let sandbox: PushSandbox;
  const environment = { ...process.env };
  const listeners = new Map<string, readonly unknown[]>();

  beforeEach(async () => {
    sandbox = await PushSandbox.create();
    sandbox.useGitConfiguration();
    for (const name of ['SIGINT', 'SIGTERM']) listeners.set(name, process.rawListeners(name));
  });
  afterEach(async () => {
    restoreEnvironment(environment);
    process.exitCode = undefined;
    for (const name of ['SIGINT', 'SIGTERM']) {
      for (const listener of process.rawListeners(name)) {
        if (listeners.get(name)?.includes(listener) !== true) process.removeListener(name, listener as () => void);
      }
    }
    await sandbox.remove();
  });

  const commands = {
    install: (argv: string[]) => commandConfig().then((config) => HookInstall.run(argv, config)),
    uninstall: (argv: string[]) => commandConfig().then((config) => HookUninstall.run(argv, config)),
    init: (argv: string[]) => commandConfig().then((config) => Init.run(argv, config)),
  };
  const run = async (command: keyof typeof commands, ...argv: string[]) => {
    const project = command === 'init' ? join(sandbox.root, 'part') : sandbox.root;
    const { stdout, stderr } = await captureOutput(async () => commands[command](['--project', project, ...argv]));
    return { stdout, stderr, exitCode: process.exitCode };
  };

  it('print the hook’s name on stdout and nothing else', async () => {
    expect(await run('install', '--quiet')).to.deep.equal({
      stdout: '.git/hooks/pre-push\n',
      stderr: '',
      exitCode: undefined,
    });
    const { stdout, stderr } = await run('uninstall');
    expect(stdout).to.equal('.git/hooks/pre-push\n');
    expect(stderr).to.equal('hook removed; pushes are no longer checked\n');
  });

  it('record this very node and kdeploy', async () => {
    await run('install');
    const text = await readFile(sandbox.hook, 'utf8');
    expect(text).to.contain(`recorded_node='${process.execPath}'\nrecorded_kdeploy='${join(root, 'bin/run.js')}'\n`);
  });

  it('print what they did as JSON', async () => {
    const { stdout } = await run('install', '--json');
    expect(JSON.parse(stdout)).to.deep.equal({
      version: 1,
      hook: '.git/hooks/pre-push',
      action: 'installed',
      earlierHook: null,
      notes: [],
    });
    expect(JSON.parse((await run('uninstall', '--json')).stdout)).to.deep.equal({
      version: 1,
      hook: '.git/hooks/pre-push',
      action: 'removed',
    });
  });

  it('exit with 2, and say what to do, where a tool manages the hooks', async () => {
    await sandbox.write('work tree/lefthook.yml', '');
    const { stdout, stderr, exitCode } = await run('install');
    expect([stdout, exitCode], stderr).to.deep.equal(['', 2]);
    expect(stderr).to.equal(`Error: lefthook manages the hooks of this repository (lefthook.yml); nothing was changed
  next: add to lefthook.yml:
      pre-push:
        jobs:
          - name: kdeploy
            run: kdeploy hook run {1} {2}
            use_stdin: true
    then run: lefthook install
    or install the hook in addition: kdeploy hook install --force
`);
  });

  describe('kdeploy init --hook', () => {
    const project = '[tool.kedro]\npackage_name = "x"\nproject_name = "X"\nkedro_init_version = "1.0.0"\n';
    const settings = () => join(sandbox.root, 'part/conf/base/kdeploy.yml');

    it('writes kdeploy.yml and the hook of the repository that the project is a folder of', async () => {
      await sandbox.write('work tree/part/pyproject.toml', project);
      const { stdout, exitCode } = await run('init', '--hook');
      expect([stdout, exitCode]).to.deep.equal(['conf/base/kdeploy.yml\n.git/hooks/pre-push\n', undefined]);
      await access(settings());
      await access(sandbox.hook);
    });

    it('writes nothing at all where the hook cannot be put', async () => {
      await sandbox.write('work tree/part/pyproject.toml', project);
      await sandbox.write('work tree/.pre-commit-config.yaml', '');
      const { stderr, exitCode } = await run('init', '--hook');
      expect(exitCode).to.equal(2);
      expect(stderr).to.contain(
        'pre-commit manages the hooks of this repository (.pre-commit-config.yaml); nothing was',
      );
      expect(await access(settings()).catch(() => 'missing')).to.equal('missing');
    });

    it('installs no hook where kdeploy.yml is there already', async () => {
      await sandbox.write('work tree/part/pyproject.toml', project);
      await sandbox.write('work tree/part/conf/base/kdeploy.yml', 'mine');
      expect((await run('init', '--hook')).stderr).to.contain(
        'conf/base/kdeploy.yml already exists; nothing was changed',
      );
      expect(await access(sandbox.hook).catch(() => 'missing')).to.equal('missing');
    });
  });
});
