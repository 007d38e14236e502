import { access, readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { npmHookManagers, preCommitFramework, snapshotOfThisRepository } from '../support/hook-managers.js';
import { PushSandbox, run, type Ended } from '../support/push-sandbox.js';
import { rejection } from '../support/rejection.js';

const ZEROS = '0'.repeat(40);

/** The real tools, a real push; only `kdeploy` on the PATH is one that writes down what it is given. */
describe('the hook with other hook managers', () => {
  let sandbox: PushSandbox;
  let npmCommands: string;
  let pythonCommands: string;
  before(async () => {
    [npmCommands, pythonCommands] = await Promise.all([npmHookManagers(), preCommitFramework()]);
  });
  beforeEach(async () => {
    sandbox = await PushSandbox.create();
    const folders = [sandbox.file('program/commands'), npmCommands, pythonCommands, sandbox.env.PATH ?? ''];
    sandbox.env.PATH = folders.join(path.delimiter);
    // A shell of its own would find the developer's.
    Object.assign(sandbox.env, { PRE_COMMIT_HOME: sandbox.file('pre-commit'), CI: '1' });
    await sandbox.program('commands/kdeploy', 0);
  });
  afterEach(() => sandbox.remove());

  const tool = async (command: string, ...args: string[]): Promise<Ended> => {
    const ended = await run(command, args, sandbox.root, sandbox.env);
    expect(ended.exitCode, `${command} ${args.join(' ')}: ${ended.stdout}${ended.stderr}`).to.equal(0);
    return ended;
  };
  const url = () => sandbox.file('remote.git');
  const onTheRemote = async () => sandbox.git(sandbox.root, 'ls-remote', 'origin', 'refs/heads/main');
  /** A push that kdeploy lets go, and one that it stops. */
  const expectChecked = async (id: string, argumentsLine: string) => {
    const stdin = `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
    await sandbox.program('commands/kdeploy', 1);
    const refused = await sandbox.push(['main']);
    expect([refused.exitCode === 0, await onTheRemote()], refused.stderr).to.deep.equal([false, '']);
    expect(refused.stdout + refused.stderr).to.contain('found something');
    expect(await sandbox.calls()).to.deep.equal([{ arguments: argumentsLine, stdin }]);
    await sandbox.program('commands/kdeploy', 0);
    const allowed = await sandbox.push(['main']);
    expect([allowed.exitCode, await sandbox.calls()], allowed.stderr).to.deep.equal([
      0,
      [{ arguments: argumentsLine, stdin }],
    ]);
  };

  describe('husky', () => {
    beforeEach(() => tool('husky'));

    it('runs the hook that kdeploy writes as its file', async () => {
      const { hook, action } = await sandbox.install();
      expect([hook, action]).to.deep.equal(['.husky/pre-push', 'installed']);
      await expectChecked(await sandbox.commitProject(), `hook run origin ${url()}`);
    });

    it('takes the kdeploy among the repository’s packages before the one on the PATH', async () => {
      await sandbox.install();
      await sandbox.write(
        'work tree/node_modules/kdeploy/bin/run.js',
        'console.error("of the repository", ...process.argv.slice(2));process.exit(1);',
      );
      await sandbox.write('work tree/.gitignore', 'node_modules\n');
      await sandbox.commitProject();
      const { stderr } = await sandbox.push(['main'], {
        PATH: [path.dirname(process.execPath), sandbox.env.PATH].join(':'),
      });
      expect(stderr).to.contain(`of the repository hook run origin ${url()}`);
    });

    it('runs the lines that kdeploy tells for a file that is there, and what comes behind them', async () => {
      await sandbox.write('work tree/.husky/pre-push', '');
      const { hint = '' } = await rejection(sandbox.install());
      const lines = hint
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
      const theirs = `printf '%s\\n' "$refs" | '${await sandbox.foreignHook('theirs')}' "$@"`;
      await sandbox.write('work tree/.husky/pre-push', [...lines, theirs].join('\n'));
      const id = await sandbox.commitProject();
      await sandbox.push(['main']);
      const stdin = `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
      expect(await sandbox.calls()).to.deep.equal([
        { arguments: `hook run origin ${url()}`, stdin },
        { arguments: `foreign origin ${url()}`, stdin },
      ]);
    });

    it('leaves nothing behind when the hook is uninstalled', async () => {
      await sandbox.install();
      const { uninstallHook } = await import('../../src/hook/uninstall-hook.js');
      await uninstallHook({ directory: sandbox.root });
      expect(await access(path.join(sandbox.root, '.husky/pre-push')).catch(() => 'missing')).to.equal('missing');
      await sandbox.commitProject();
      expect((await sandbox.push(['main'])).exitCode).to.equal(0);
      expect(await sandbox.calls()).to.deep.equal([]);
    });
  });

  describe('lefthook', () => {
    it('runs the lines that kdeploy tells, with git’s arguments and lines', async () => {
      await sandbox.write('work tree/lefthook.yml', '');
      const { hint = '' } = await rejection(sandbox.install());
      await sandbox.write('work tree/lefthook.yml', toldLines(hint));
      await tool('lefthook', 'install');
      const id = await sandbox.commitProject();
      expect((await sandbox.install()).action).to.equal('unchanged');
      await expectChecked(id, `hook run origin ${url()}`);
    });

    it('is called before the check where the hook is installed beside it', async () => {
      await sandbox.write(
        'work tree/lefthook.yml',
        `pre-push:\n  jobs:\n    - run: ${await sandbox.foreignHook('theirs')}\n`,
      );
      await tool('lefthook', 'install');
      await sandbox.install(sandbox.root, true);
      await sandbox.commitProject();
      expect((await sandbox.push(['main'])).exitCode).to.equal(0);
      const calls = (await sandbox.calls()).map((call) => call.arguments.split(' ')[0]);
      expect(calls).to.deep.equal(['foreign', sandbox.file('program/bin/run.js')]);
    });
  });

  describe('pre-commit', () => {
    /** What the framework gives its hooks: no lines, but variables. */
    const recordVariables = () =>
      sandbox.write(
        'program/commands/kdeploy',
        `#!/bin/sh\n{ echo "$@"; env | grep '^PRE_COMMIT_.*_\\(REF\\|BRANCH\\|NAME\\|URL\\)=' | sort; cat; printf -- '--\\n'; } >>'${sandbox.file('calls')}'\n`,
        0o755,
      );
    const linesOf = async () => {
      const { pushedRefsFromPreCommit } = await import('../../src/hook/pre-commit-refs.js');
      const calls = await sandbox.calls();
      expect(calls.map((call) => call.arguments)).to.deep.equal(['hook run']);
      const variables = calls[0]!.stdin.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
      return pushedRefsFromPreCommit(Object.fromEntries(variables));
    };
    const expected = (lines: string) => ({ remoteName: 'origin', remoteUrl: url(), lines });

    it('runs the lines that kdeploy tells, and its variables become git’s lines again', async () => {
      await sandbox.write('work tree/.pre-commit-config.yaml', '');
      const { hint = '' } = await rejection(sandbox.install());
      await sandbox.write('work tree/.pre-commit-config.yaml', toldLines(hint));
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      await recordVariables();
      expect((await sandbox.install()).action).to.equal('unchanged');

      const first = await sandbox.commitProject();
      await sandbox.push(['main']);
      expect(await linesOf(), 'a push from the first commit on').to.deep.equal(
        expected(`refs/heads/main refs/heads/main refs/heads/main ${ZEROS}\n`),
      );
      const second = await sandbox.commit('a', '');
      await sandbox.push(['main:main']);
      expect(await linesOf(), 'on top of what the remote has').to.deep.equal(
        expected(`refs/heads/main ${second} refs/heads/main ${first}\n`),
      );
      const third = await sandbox.commit('b', '');
      await sandbox.push(['main:new']);
      expect(await linesOf(), 'a new branch: the parent of its first new commit').to.deep.equal(
        expected(`refs/heads/main ${third} refs/heads/new ${second}\n`),
      );
      await sandbox.push(['--force', `${first}:refs/heads/main`]);
      expect(await linesOf(), 'back to an older commit').to.deep.equal(
        expected(`${first} ${first} refs/heads/main ${second}\n`),
      );
    });

    it('keeps the hook that was there before it, and calls it', async () => {
      await sandbox.install();
      await sandbox.write('work tree/.pre-commit-config.yaml', 'repos: []\n');
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      expect(await sandbox.install()).to.include({ hook: '.git/hooks/pre-push.legacy', action: 'unchanged' });
      await sandbox.commitProject();
      const { exitCode, stdout, stderr } = await sandbox.push(['main']);
      expect(exitCode, stdout + stderr).to.equal(0);
      expect(await sandbox.calls()).to.have.lengthOf(1);
    });

    it('is called before the check where the hook is installed beside it', async () => {
      const theirs = { id: 'x', name: 'x', language: 'system', always_run: true, stages: ['pre-push'] };
      const hooks = [{ ...theirs, entry: await sandbox.foreignHook('theirs') }];
      await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [{ repo: 'local', hooks }] }));
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      await sandbox.install(sandbox.root, true);
      await sandbox.commitProject();
      const { exitCode, stdout, stderr } = await sandbox.push(['main']);
      expect(exitCode, stdout + stderr).to.equal(0);
      const calls = (await sandbox.calls()).map((call) => call.arguments.split(' ')[0]);
      expect(calls).to.deep.equal(['foreign', sandbox.file('program/bin/run.js')]);
    });

    it('installs kdeploy from its repository, compiled, by .pre-commit-hooks.yaml', async () => {
      const repository = await snapshotOfThisRepository(sandbox.file('.'));
      const revision = await sandbox.git(repository, 'rev-parse', 'HEAD');
      // Its version is asked instead of a check, which other tests look at.
      const config = {
        repo: repository,
        rev: revision,
        hooks: [{ id: 'kdeploy', entry: 'kdeploy --version', verbose: true }],
      };
      await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [config] }));
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      // npm with its cache, and the package indexes, as they are set up on this machine.
      const own = { ...sandbox.env, GIT_CONFIG_GLOBAL: '/dev/null' };
      Object.assign(sandbox.env, process.env, own, { HOME: process.env.HOME });
      await tool('pre-commit', 'install-hooks');
      await sandbox.program('commands/kdeploy', 1);
      await sandbox.commitProject();
      const { exitCode, stdout, stderr } = await sandbox.push(['main']);
      expect(exitCode, stdout + stderr).to.equal(0);
      const { version } = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8')) as {
        version: string;
      };
      expect(stdout + stderr).to.contain(`kdeploy/${version} `);
    });
  });
});

/** The lines that a hint tells to add: those that are indented deepest. */
function toldLines(hint: string): string {
  return hint
    .split('\n')
    .filter((line) => line.startsWith('      '))
    .map((line) => `${line.slice(6)}\n`)
    .join('');
}
