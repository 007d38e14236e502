import { access } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect } from 'chai';

import { executable } from '../support/command.js';
import { npmHookManagers, preCommitFramework } from '../support/hook-managers.js';
import { nightly } from '../support/nightly.js';
import { PushSandbox, run, type Ended } from '../support/push-sandbox.js';
import { rejection } from '../support/rejection.js';
import { snapshotOfThisRepository } from '../support/repository-snapshot.js';
import { MLFLOW_YML, projectFiles } from '../process/hook/projects.js';

const ZEROS = '0'.repeat(40);

/** The real tools, a real push, the compiled kdeploy; what starts it writes down what it was given. */
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
    await starter('commands/kdeploy', `'${process.execPath}' '${executable}'`);
    await starter('node', `'${process.execPath}'`);
    await sandbox.write('program/bin/run.js', `import(${JSON.stringify(pathToFileURL(executable).href)});`);
  });
  afterEach(() => sandbox.remove());

  const tool = async (command: string, ...args: string[]): Promise<Ended> => {
    const ended = await run(command, args, sandbox.root, sandbox.env);
    expect(ended.exitCode, `${command} ${args.join(' ')}: ${ended.stdout}${ended.stderr}`).to.equal(0);
    return ended;
  };
  const url = () => sandbox.file('remote.git');
  const onTheRemote = async () => sandbox.git(sandbox.root, 'ls-remote', 'origin', 'refs/heads/main');
  /** Writes down its arguments, the variables of pre-commit and git's lines, and hands all of it on. */
  const starter = (name: string, command: string) =>
    sandbox.write(
      `program/${name}`,
      `#!/bin/sh
if [ "$1" = --version ]; then exec ${command} "$@"; fi
cat >'${sandbox.file('stdin')}'
{ printf '%s\\n' "$*"; env | grep '^PRE_COMMIT_.*_\\(REF\\|BRANCH\\|NAME\\|URL\\)=' | sort; cat '${sandbox.file('stdin')}'; printf -- '--\\n'; } >>'${sandbox.file('calls')}'
exec ${command} "$@" <'${sandbox.file('stdin')}'
`,
      0o755,
    );
  const writeProject = async (requirements = projectFiles()['requirements.txt']!) => {
    const files = { ...projectFiles(), 'conf/local/mlflow.yml': MLFLOW_YML, 'requirements.txt': requirements };
    for (const [file, text] of Object.entries(files)) await sandbox.write(`work tree/${file}`, text);
  };
  const commitProject = async () => {
    await writeProject();
    return sandbox.commit('README.md', '');
  };
  const commitBrokenProject = async () => {
    await writeProject('kedro~=1.0\n');
    return sandbox.commit('README.md', 'broken');
  };
  const expectRefused = async () => {
    const { exitCode, stdout, stderr } = await sandbox.push(['main']);
    expect([exitCode === 0, await onTheRemote()], stdout + stderr).to.deep.equal([false, '']);
    const output = stdout + stderr;
    expect(output, output).to.match(/requirements\.txt: error: kedro-mlflow is missing .*\[kedro-mlflow-required\]/);
    expect(output).to.contain('Push rejected by kdeploy.');
  };
  /** pre-commit shows what a hook says only when it fails, or with `verbose: true`. */
  const expectAllowed = async (words = 'kdeploy checked the project as committed: no problems.') => {
    const { exitCode, stdout, stderr } = await sandbox.push(['main']);
    expect(exitCode, stdout + stderr).to.equal(0);
    expect(stdout + stderr).to.contain(words);
  };
  /** A push that kdeploy stops, and one that it lets go. */
  const expectChecked = async (argumentsLine: string) => {
    const stdin = (id: string) => `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
    const broken = await commitBrokenProject();
    await expectRefused();
    expect(await sandbox.calls()).to.deep.equal([{ arguments: argumentsLine, stdin: stdin(broken) }]);
    const fixed = await commitProject();
    await expectAllowed();
    expect(await sandbox.calls()).to.deep.equal([{ arguments: argumentsLine, stdin: stdin(fixed) }]);
  };

  describe('husky', () => {
    beforeEach(() => tool('husky'));

    it('runs the hook that kdeploy writes as its file', async () => {
      const { hook, action } = await sandbox.install();
      expect([hook, action]).to.deep.equal(['.husky/pre-push', 'installed']);
      await expectChecked(`hook run origin ${url()}`);
    });

    it('takes the kdeploy among the repository’s packages before the one on the PATH', async () => {
      await sandbox.install();
      await sandbox.write(
        'work tree/node_modules/kdeploy/bin/run.js',
        `import(${JSON.stringify(pathToFileURL(executable).href)});`,
      );
      await sandbox.write('work tree/.git/info/exclude', 'node_modules\n');
      sandbox.env.PATH = [sandbox.file('program'), sandbox.env.PATH].join(path.delimiter);
      await expectChecked(`node_modules/kdeploy/bin/run.js hook run origin ${url()}`);
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
      const id = await commitProject();
      await expectAllowed();
      const stdin = `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
      expect(await sandbox.calls()).to.deep.equal([
        { arguments: `hook run origin ${url()}`, stdin },
        { arguments: `foreign origin ${url()}`, stdin },
      ]);
    });

    it('leaves nothing behind when the hook is uninstalled', async () => {
      await sandbox.install();
      const { uninstallHook } = await import('../../src/hook/install/uninstall-hook.js');
      await uninstallHook({ directory: sandbox.root });
      expect(await access(path.join(sandbox.root, '.husky/pre-push')).catch(() => 'missing')).to.equal('missing');
      await commitProject();
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
      expect((await sandbox.install()).action).to.equal('unchanged');
      await expectChecked(`hook run origin ${url()}`);
    });

    it('is called after the check where the hook is installed beside it', async () => {
      await sandbox.write(
        'work tree/lefthook.yml',
        `pre-push:\n  jobs:\n    - run: ${await sandbox.foreignHook('theirs')}\n`,
      );
      await tool('lefthook', 'install');
      await sandbox.install(sandbox.root, true);
      await commitProject();
      await expectAllowed();
      const calls = (await sandbox.calls()).map((call) => call.arguments.split(' ')[0]);
      expect(calls).to.deep.equal([sandbox.file('program/bin/run.js'), 'foreign']);
    });
  });

  describe('pre-commit', () => {
    const linesOf = async () => {
      const { pushedRefsFromPreCommit } = await import('../../src/hook/push/pre-commit-refs.js');
      const calls = await sandbox.calls();
      expect(calls.map((call) => call.arguments)).to.deep.equal(['hook run']);
      // It gives no lines on stdin, but variables.
      const variables = calls[0]!.stdin.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
      return pushedRefsFromPreCommit(Object.fromEntries(variables));
    };
    const expected = (lines: string) => ({ remoteName: 'origin', remoteUrl: url(), lines });

    it('runs the lines that kdeploy tells, and its variables become git’s lines again', async () => {
      await sandbox.write('work tree/.pre-commit-config.yaml', '');
      const { hint = '' } = await rejection(sandbox.install());
      await sandbox.write('work tree/.pre-commit-config.yaml', toldLines(hint));
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      expect((await sandbox.install()).action).to.equal('unchanged');

      await commitBrokenProject();
      await expectRefused();
      const everything = expected(`refs/heads/main refs/heads/main refs/heads/main ${ZEROS}\n`);
      expect(await linesOf(), 'a push from the first commit on').to.deep.equal(everything);
      const first = await commitProject();
      await expectAllowed('Passed');
      expect(await linesOf(), 'and once it is fixed').to.deep.equal(everything);
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
      await commitBrokenProject();
      await expectRefused();
      await commitProject();
      await expectAllowed();
      expect(await sandbox.calls()).to.have.lengthOf(2);
    });

    it('is called after the check where the hook is installed beside it', async () => {
      const theirs = {
        id: 'x',
        name: 'x',
        language: 'system',
        stages: ['pre-push'],
        always_run: true,
        pass_filenames: false,
      };
      const hooks = [{ ...theirs, entry: await sandbox.foreignHook('theirs') }];
      await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [{ repo: 'local', hooks }] }));
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      await sandbox.install(sandbox.root, true);
      await commitProject();
      await expectAllowed();
      const calls = (await sandbox.calls()).map((call) => call.arguments.split(' ')[0]);
      expect(calls).to.deep.equal([sandbox.file('program/bin/run.js'), 'foreign']);
    });

    // Another npm installation of everything: 95 s. What it installs is tried by package.integration.ts.
    nightly.it('installs kdeploy from its repository, compiled, by .pre-commit-hooks.yaml', async () => {
      const repository = await snapshotOfThisRepository(sandbox.file('.'));
      const revision = await sandbox.git(repository, 'rev-parse', 'HEAD');
      const config = { repo: repository, rev: revision, hooks: [{ id: 'kdeploy-from-source', verbose: true }] };
      await sandbox.write('work tree/.pre-commit-config.yaml', JSON.stringify({ repos: [config] }));
      await tool('pre-commit', 'install', '--hook-type', 'pre-push');
      // npm with its cache, and the package indexes, as they are set up on this machine.
      const own = { ...sandbox.env, GIT_CONFIG_GLOBAL: '/dev/null' };
      Object.assign(sandbox.env, process.env, own, { HOME: process.env.HOME });
      await tool('pre-commit', 'install-hooks');
      await commitBrokenProject();
      await expectRefused();
      await commitProject();
      await expectAllowed();
      expect(await sandbox.calls(), 'of the kdeploy on the PATH').to.deep.equal([]);
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
