import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { renderHookScript } from '../../../../src/hook/install/hook-script.js';
import { templatePath } from '../../../../src/template-files.js';
import { PushSandbox, run } from '../../../support/push-sandbox.js';

const ZEROS = '0'.repeat(40);

describe('the pre-push hook', () => {
  let sandbox: PushSandbox;

  beforeEach(async () => {
    sandbox = await PushSandbox.create();
  });
  afterEach(() => sandbox.remove());

  const remoteHas = async (ref: string) =>
    (await sandbox.git(sandbox.root, 'ls-remote', 'origin', ref)).split('\t')[0] ?? '';
  const runArguments = () => `${sandbox.file('program/bin/run.js')} hook run origin ${sandbox.file('remote.git')}`;

  it('hands the remote and git’s lines to kdeploy, and lets the push go when it is content', async () => {
    const id = await sandbox.commitProject();
    await sandbox.install();
    expect((await sandbox.push(['main'])).exitCode).to.equal(0);
    expect(await sandbox.calls()).to.deep.equal([
      { arguments: runArguments(), stdin: `refs/heads/main ${id} refs/heads/main ${ZEROS}\n` },
    ]);
    expect(await remoteHas('refs/heads/main')).to.equal(id);
  });

  for (const code of [1, 2, 3, 130]) {
    it(`stops the push when kdeploy ends with ${code}, with its words and code`, async () => {
      await sandbox.program('node', code);
      await sandbox.commitProject();
      await sandbox.install();
      const { exitCode, stderr } = await sandbox.push(['main']);
      expect(exitCode).not.to.equal(0);
      expect(stderr).to.contain('found something');
      expect(await remoteHas('refs/heads/main')).to.equal('');
      const line = `refs/heads/main ${'a'.repeat(40)} refs/heads/main ${ZEROS}\n`;
      const direct = await run(sandbox.hook, ['origin', 'url'], sandbox.root, sandbox.env, line);
      expect(direct.exitCode).to.equal(code);
    });
  }

  it('does the same under `sh -e`, as husky starts it, and in other shells that are there', async () => {
    await sandbox.program('node', 1);
    const id = await sandbox.commitProject();
    await sandbox.install();
    const line = `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
    for (const shell of [
      ['sh', '-e'],
      ['bash', '-e'],
      ['bash', '--posix'],
    ]) {
      const [command = '', ...options] = shell;
      const { exitCode } = await run(command, [...options, sandbox.hook, 'o', 'u'], sandbox.root, sandbox.env, line);
      expect([shell, exitCode, (await sandbox.calls()).length]).to.deep.equal([shell, 1, 1]);
      const deletion = `(delete) ${ZEROS} refs/heads/main ${id}\n`;
      const skipped = await run(command, [...options, sandbox.hook, 'o', 'u'], sandbox.root, sandbox.env, deletion);
      expect([shell, skipped.exitCode, await sandbox.calls()]).to.deep.equal([shell, 0, []]);
    }
  });

  it('does the same where git has checked it out with Windows line endings, and a hook manager starts it with sh', async () => {
    await sandbox.program('node', 1);
    await sandbox.foreignHook('work tree/.git/hooks/pre-push');
    const id = await sandbox.commitProject();
    await sandbox.install();
    await writeFile(sandbox.hook, (await readFile(sandbox.hook, 'utf8')).replaceAll('\n', '\r\n'));
    const line = `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
    const sh = (env = {}) =>
      run('sh', ['-e', sandbox.hook, 'o', 'a b'], sandbox.root, { ...sandbox.env, ...env }, line);
    const stopped = await sh();
    expect([stopped.exitCode, stopped.stderr]).to.deep.equal([1, 'found something\n']);
    expect((await sandbox.calls()).map(({ stdin }) => stdin)).to.deep.equal([line]);
    expect((await sh({ KDEPLOY_SKIP_HOOK: '1' })).exitCode).to.equal(0);
    expect(await sandbox.calls()).to.deep.equal([{ arguments: 'foreign o a b', stdin: line }]);
  });

  it('keeps hundreds of refs, all in their order', async () => {
    const id = await sandbox.commitProject();
    await sandbox.install();
    const lines = Array.from({ length: 700 }, (_, index) => `refs/tags/v${index} ${id} refs/tags/v${index} ${ZEROS}\n`);
    await run(sandbox.hook, ['origin', 'url'], sandbox.root, sandbox.env, lines.join(''));
    expect((await sandbox.calls()).map(({ stdin }) => stdin)).to.deep.equal([lines.join('')]);
  });

  describe('passes over a push without starting node', () => {
    beforeEach(async () => {
      // Not one of these may be asked.
      await sandbox.program('node', 1);
    });
    const skips = async (...refs: string[]) => {
      const { exitCode, stderr } = await sandbox.push(refs);
      expect([exitCode, stderr, await sandbox.calls()]).to.deep.equal([0, '', []]);
    };

    it('of commits without a Kedro project', async () => {
      await sandbox.commit('pyproject.toml', '[project]\nname = "x"\ndescription = "a friend of kedro"\n');
      await sandbox.install();
      await skips('main');
    });

    it('that only deletes', async () => {
      await sandbox.commitProject();
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main', 'main:other');
      await sandbox.install();
      await skips('--delete', 'other');
    });

    it('that changes other folders than those of the projects', async () => {
      await sandbox.commitProject('pipelines/churn');
      await sandbox.commitProject('pipelines/flights');
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main');
      await sandbox.commit('docs/page.md', 'words');
      await sandbox.install();
      await skips('main');
    });
  });

  describe('starts kdeploy', () => {
    beforeEach(async () => {
      await sandbox.program('node', 1);
    });
    const checks = async (...refs: string[]) => {
      const { exitCode } = await sandbox.push(refs);
      expect([exitCode === 0, (await sandbox.calls()).length]).to.deep.equal([false, 1]);
    };

    const spellings = [
      '[tool.kedro]',
      '[ tool . kedro ]',
      '["tool"."kedro"]',
      "[tool.'kedro']",
      'tool.kedro.package_name = "x"',
      'tool = {kedro = {package_name = "x"}}',
      '[tool]\nkedro = {package_name = "x"}',
      '[tool]\n  "kedro".package_name = "x"',
    ];
    for (const spelling of spellings) {
      it(`for a project that writes its table ${JSON.stringify(spelling)}`, async () => {
        await sandbox.commit('a/b/pyproject.toml', `# first\r\n${spelling}\n`);
        await sandbox.install();
        await checks('main');
      });
    }

    it('for a change in one project of several', async () => {
      await sandbox.commitProject('a');
      await sandbox.commitProject('b c');
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main');
      await sandbox.commit('a/conf/base/catalog.yml', '');
      await sandbox.install();
      await checks('main');
    });

    it('for any change in a repository that is itself a project', async () => {
      await sandbox.commitProject();
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main');
      await sandbox.commit('docs/page.md', '');
      await sandbox.install();
      await checks('main');
    });

    it('for a folder whose name git would quote, even where only others change', async () => {
      await sandbox.commitProject('fl\u00fcge "neu"');
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main');
      await sandbox.commit('docs/page.md', '');
      await sandbox.install();
      await checks('main');
    });

    it('for a new branch, whose beginning is not known without looking', async () => {
      await sandbox.commitProject('a');
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main');
      await sandbox.commit('docs/page.md', '');
      await sandbox.install();
      await checks('main:new');
    });

    it('when one of several refs has a project, and the others are deleted or have none', async () => {
      await sandbox.commit('README.md', '');
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main', 'main:old');
      await sandbox.git(sandbox.root, 'branch', 'plain');
      await sandbox.commitProject('a');
      await sandbox.install();
      await checks('main', 'plain', ':old');
    });

    it('and compares no ref with what the remote has of another', async () => {
      await sandbox.commitProject('a');
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main');
      await sandbox.commit('a/catalog.yml', '');
      // The deleted branch has the very commit that is new for main.
      await sandbox.git(sandbox.root, 'push', '--quiet', 'origin', 'main:other');
      await sandbox.install();
      await checks('main', ':other');
    });

    it('for a tag on a project', async () => {
      await sandbox.commitProject('a');
      await sandbox.git(sandbox.root, 'tag', '--annotate', '--message=x', 'v1');
      await sandbox.install();
      await checks('v1');
    });

    it('for a local ref with spaces in it, as one may type it, and for nothing that only looks like an id in it', async () => {
      const plain = await sandbox.commit('README.md', '');
      const id = await sandbox.commitProject('a');
      await sandbox.install();
      const start = (local: string, pushed: string) =>
        run(sandbox.hook, ['o', 'u'], sandbox.root, sandbox.env, `${local} ${pushed} refs/heads/x ${ZEROS}\n`);
      expect((await start('HEAD^{/add a pyproject}', id)).exitCode).to.equal(1);
      expect(await sandbox.calls()).to.have.lengthOf(1);
      expect((await start(`HEAD^{/revert ${id} of}`, plain)).exitCode).to.equal(0);
    });

    const environments = ['GIT_LITERAL_PATHSPECS', 'GIT_GLOB_PATHSPECS', 'GIT_NOGLOB_PATHSPECS', 'GIT_ICASE_PATHSPECS'];
    for (const variable of environments) {
      it(`where ${variable} changes what a path means to git`, async () => {
        await sandbox.commitProject('a/b');
        await sandbox.install();
        const { exitCode } = await sandbox.push(['main'], { [variable]: '1' });
        expect([exitCode === 0, (await sandbox.calls()).length]).to.deep.equal([false, 1]);
      });
    }

    const unclear = [
      ['what the remote has is not here', (id: string) => `refs/heads/main ${id} refs/heads/main ${'b'.repeat(40)}\n`],
      ['what is pushed is not here', () => `refs/heads/main ${'a'.repeat(40)} refs/heads/main ${ZEROS}\n`],
      ['a line is not as git writes them', () => 'nonsense\n'],
      ['a line is empty', () => '\n'],
    ] as const;
    for (const [reason, lines] of unclear) {
      it(`when ${reason}`, async () => {
        const id = await sandbox.commitProject('a');
        await sandbox.install();
        const outcome = await run(sandbox.hook, ['o', 'u'], sandbox.root, sandbox.env, lines(id));
        expect([outcome.exitCode, (await sandbox.calls()).length]).to.deep.equal([1, 1]);
      });
    }
  });

  describe('with KDEPLOY_SKIP_HOOK', () => {
    it('lets the push go without the check, and says so', async () => {
      await sandbox.program('node', 1);
      await sandbox.commitProject();
      await sandbox.install();
      const { exitCode, stderr } = await sandbox.push(['main'], { KDEPLOY_SKIP_HOOK: '1' });
      expect([exitCode, stderr, await sandbox.calls()]).to.deep.equal([
        0,
        'kdeploy: KDEPLOY_SKIP_HOOK is set, so this push is not checked.\n',
        [],
      ]);
    });

    it('still calls the hook that was there before', async () => {
      await sandbox.foreignHook('work tree/.git/hooks/pre-push', 1);
      await sandbox.commitProject();
      await sandbox.install();
      const { exitCode } = await sandbox.push(['main'], { KDEPLOY_SKIP_HOOK: '1' });
      expect([exitCode === 0, (await sandbox.calls()).length]).to.deep.equal([false, 1]);
    });

    for (const value of ['', '0', 'false']) {
      it(`checks as always when it is "${value}"`, async () => {
        await sandbox.commitProject();
        await sandbox.install();
        await sandbox.push(['main'], { KDEPLOY_SKIP_HOOK: value });
        expect(await sandbox.calls()).to.have.lengthOf(1);
      });
    }
  });

  describe('with a hook that was there before', () => {
    it('calls it after the check, with the same arguments and lines', async () => {
      await sandbox.foreignHook('work tree/.git/hooks/pre-push');
      const id = await sandbox.commitProject();
      await sandbox.install();
      expect((await sandbox.push(['main'])).exitCode).to.equal(0);
      const stdin = `refs/heads/main ${id} refs/heads/main ${ZEROS}\n`;
      expect(await sandbox.calls()).to.deep.equal([
        { arguments: runArguments(), stdin },
        { arguments: `foreign origin ${sandbox.file('remote.git')}`, stdin },
      ]);
    });

    it('does not call it for a push that the check stops: git-lfs uploads there', async () => {
      await sandbox.program('node', 1);
      await sandbox.foreignHook('work tree/.git/hooks/pre-push');
      await sandbox.commitProject();
      await sandbox.install();
      expect((await sandbox.push(['main'])).exitCode).not.to.equal(0);
      expect((await sandbox.calls()).map((call) => call.arguments)).to.deep.equal([runArguments()]);
    });

    it('ends with its exit code when it refuses', async () => {
      await sandbox.foreignHook('work tree/.git/hooks/pre-push', 42);
      await sandbox.install();
      const { exitCode } = await run(sandbox.hook, ['o', 'u'], sandbox.root, sandbox.env, 'x\n');
      expect([exitCode, (await sandbox.calls()).length]).to.deep.equal([42, 2]);
    });

    it('says so when it does not start because of Windows line endings, and stops the push', async () => {
      const text = '#!/bin/sh\r\necho uploaded\r\n';
      await sandbox.write('work tree/.git/hooks/pre-push', text, 0o755);
      await sandbox.install();
      const { exitCode, stderr } = await run(sandbox.hook, ['o', 'u'], sandbox.root, sandbox.env, 'x\n');
      expect(exitCode).to.be.oneOf([126, 127]);
      expect(stderr).to.contain('pre-push.before-kdeploy has Windows line endings (CRLF), so it cannot be started.');
    });

    for (const code of [1, 127]) {
      it(`says nothing of line endings when it ends with ${code} for another reason`, async () => {
        await sandbox.foreignHook('work tree/.git/hooks/pre-push', code);
        await sandbox.install();
        const { exitCode, stderr } = await run(sandbox.hook, ['o', 'u'], sandbox.root, sandbox.env, 'x\n');
        expect([exitCode, stderr]).to.deep.equal([code, 'found something\n']);
      });
    }

    it('calls it for pushes without a Kedro project as well', async () => {
      await sandbox.foreignHook('work tree/.git/hooks/pre-push');
      await sandbox.commit('README.md', '');
      await sandbox.install();
      await sandbox.push(['main']);
      expect((await sandbox.calls()).map((call) => call.arguments.split(' ')[0])).to.deep.equal(['foreign']);
    });

    it('is not troubled by one that reads nothing of many lines', async () => {
      await sandbox.write('work tree/.git/hooks/pre-push', '#!/bin/sh\nexit 0\n', 0o755);
      const id = await sandbox.commitProject();
      await sandbox.install();
      const lines = Array.from(
        { length: 3000 },
        (_, index) => `refs/tags/v${index} ${id} refs/tags/v${index} ${ZEROS}\n`,
      );
      const outcome = await run(sandbox.hook, ['o', 'u'], sandbox.root, sandbox.env, lines.join(''));
      expect([outcome.exitCode, outcome.stderr]).to.deep.equal([0, 'found something\n']);
    });

    it('does not call one that is not executable, because git did not either', async () => {
      await sandbox.foreignHook('work tree/.git/hooks/pre-push', 1);
      await chmod(sandbox.hook, 0o644);
      await sandbox.commitProject();
      await sandbox.install();
      expect((await sandbox.push(['main'])).exitCode).to.equal(0);
    });

    it('does not go round for ever when that hook calls this one, nor check twice', async () => {
      // As `pre-commit install` leaves it when the hook was installed beside it: it calls the hook that it has moved away.
      await sandbox.write(
        'work tree/.git/hooks/pre-push',
        '#!/bin/sh\nexec "$(cd "$(dirname "$0")" && pwd)/pre-push.legacy" "$@"\n',
        0o755,
      );
      await sandbox.commitProject();
      await sandbox.install();
      await rename(sandbox.hook, `${sandbox.hook}.legacy`);
      await symlink('pre-push.legacy', sandbox.hook);
      expect((await sandbox.push(['main'])).exitCode).to.equal(0);
      expect(await sandbox.calls()).to.have.lengthOf(1);
    });
  });

  describe('where node or kdeploy has moved', () => {
    let path: string;
    beforeEach(async () => {
      path = await sandbox.pathWithoutNode();
      await sandbox.commitProject();
    });
    const push = () => sandbox.push(['main'], { PATH: path });
    /** Keeps the machine's own node out: of the fixed places only those in HOME are asked. */
    const install = async () => {
      await sandbox.install();
      const text = await readFile(sandbox.hook, 'utf8');
      await writeFile(
        sandbox.hook,
        text.replace(/ {2}"\$\{N_PREFIX[^]*?; do\n/, `  "${sandbox.file('fixed')}/bin/node"; do\n`),
      );
    };

    it('takes the node that was recorded, without any on the PATH, as a program with windows starts git', async () => {
      await install();
      expect((await push()).exitCode).to.equal(0);
      expect(await sandbox.calls()).to.have.lengthOf(1);
    });

    it('takes the node on the PATH when the recorded one is gone', async () => {
      await install();
      await rename(sandbox.node, join(path, 'node'));
      expect((await push()).exitCode).to.equal(0);
      expect((await sandbox.calls())[0]?.arguments).to.equal(runArguments());
    });

    const places = [
      '.nvm/versions/node/v22.11.0/bin/node',
      '.local/share/fnm/node-versions/v22.11.0/installation/bin/node',
      'Library/Application Support/fnm/node-versions/v22.11.0/installation/bin/node',
      '.volta/tools/image/node/22.11.0/bin/node',
      '.asdf/installs/nodejs/22.11.0/bin/node',
      '.local/share/mise/installs/node/22.11.0/bin/node',
      '../fixed/bin/node',
    ];
    for (const place of places) {
      it(`finds ${place}`, async () => {
        await install();
        await mkdir(join(sandbox.file('home'), place, '..'), { recursive: true });
        await rename(sandbox.node, join(sandbox.file('home'), place));
        expect((await push()).exitCode).to.equal(0);
        expect((await sandbox.calls())[0]?.arguments).to.equal(runArguments());
      });
    }

    /** The exit code of the hook where nvm has versions of node, each of which ends with its own. */
    const endedBy = async (versions: Readonly<Record<string, number>>) => {
      await install();
      await rm(sandbox.node);
      for (const [version, ends] of Object.entries(versions)) {
        const program = await sandbox.program(version, ends, version);
        const folder = sandbox.file(`home/.nvm/versions/node/${version}/bin`);
        await mkdir(folder, { recursive: true });
        await rename(program, join(folder, 'node'));
      }
      const line = `refs/heads/main ${'a'.repeat(40)} refs/heads/main ${ZEROS}\n`;
      return (await run(sandbox.hook, ['o', 'u'], sandbox.root, { ...sandbox.env, PATH: path }, line)).exitCode;
    };

    it('takes the newest that is there, by number and not by letter', async () => {
      const versions = { 'v9.9.9': 9, 'v20.19.0': 20, 'v100.0.0': 100, 'v22.11.0': 22 };
      expect(await endedBy(versions)).to.equal(100);
    });

    it('takes an older one that runs kdeploy rather than a newer one that does not', async () => {
      expect(await endedBy({ 'v20.19.0': 20, 'v21.7.3': 21, 'v22.2.0': 22 })).to.equal(20);
    });

    it('takes the kdeploy that npm put beside a node when the recorded one is gone with its node', async () => {
      await install();
      await rm(sandbox.file('program'), { recursive: true });
      const folder = sandbox.file('home/.nvm/versions/node/v24.0.0/bin');
      await mkdir(folder, { recursive: true });
      await rename(await sandbox.program('node', 0, 'v24.0.0'), join(folder, 'node'));
      // npm's command finds its node by the PATH.
      await writeFile(join(folder, 'kdeploy'), '#!/usr/bin/env node\n', { mode: 0o755 });
      expect((await push()).exitCode).to.equal(0);
      expect((await sandbox.calls())[0]?.arguments).to.equal(
        `${folder}/kdeploy hook run origin ${sandbox.file('remote.git')}`,
      );
    });

    it('takes the repository’s own kdeploy when the recorded one is gone', async () => {
      await install();
      await rm(sandbox.file('program/bin'), { recursive: true });
      await sandbox.write('work tree/node_modules/kdeploy/bin/run.js', '');
      expect((await push()).exitCode).to.equal(0);
      expect((await sandbox.calls())[0]?.arguments).to.match(/^node_modules\/kdeploy\/bin\/run\.js hook run /);
    });

    describe('takes a kdeploy that pip installed, which brings its own Node.js', () => {
      const commandAt = async (place: string, exitCode = 0) => {
        const file = sandbox.file(place);
        await mkdir(join(file, '..'), { recursive: true });
        await rename(await sandbox.program('command', exitCode), file);
        return file;
      };
      const startedBy = (command: string) => `hook run origin ${sandbox.file('remote.git')} by ${command}`;
      /** The stand-in does not write down its own name. */
      const named = async (place: string) => {
        const file = await commandAt(place);
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace('"$*"', '"$* by $0"'));
        return file;
      };
      beforeEach(async () => {
        await install();
        await rm(sandbox.file('program'), { recursive: true });
      });

      for (const [where, place, command] of [
        ['in the environment beside the project', 'work tree/.venv/bin/kdeploy', '.venv/bin/kdeploy'],
        ['in that of Windows', 'work tree/.venv/Scripts/kdeploy.exe', '.venv/Scripts/kdeploy.exe'],
        ['where uv, pipx and pip put commands', 'home/.local/bin/kdeploy', undefined],
      ] as const) {
        it(where, async () => {
          const file = await named(place);
          expect((await push()).exitCode).to.equal(0);
          expect((await sandbox.calls())[0]?.arguments).to.equal(startedBy(command ?? file));
        });
      }

      it('on the PATH', async () => {
        const file = await named('bin of an environment/kdeploy');
        path = `${join(file, '..')}:${path}`;
        expect((await push()).exitCode).to.equal(0);
        expect((await sandbox.calls())[0]?.arguments).to.equal(startedBy(file));
      });

      it('and hands on its exit code and words', async () => {
        await commandAt('home/.local/bin/kdeploy', 2);
        const line = `refs/heads/main ${'a'.repeat(40)} refs/heads/main ${ZEROS}\n`;
        const ended = await run(sandbox.hook, ['o', 'u'], sandbox.root, { ...sandbox.env, PATH: path }, line);
        expect([ended.exitCode, ended.stderr]).to.deep.equal([2, 'found something\n']);
        expect((await sandbox.calls()).map(({ stdin }) => stdin)).to.deep.equal([line]);
      });

      it('not one that no longer starts, since its Python was removed', async () => {
        await sandbox.write('work tree/.venv/bin/kdeploy', '#!/gone/python\n', 0o755);
        const file = await named('home/.local/bin/kdeploy');
        expect((await push()).exitCode).to.equal(0);
        expect((await sandbox.calls())[0]?.arguments).to.equal(startedBy(file));
      });

      it('not that of the repository where the hook serves many: one that was only cloned brings no program', async () => {
        await named('work tree/.venv/bin/kdeploy');
        const text = await readFile(sandbox.hook, 'utf8');
        await writeFile(sandbox.hook, text.replace(/^project_kdeploy=.*$/m, "project_kdeploy=''"));
        const { exitCode, stderr } = await push();
        expect([exitCode === 0, await sandbox.calls()]).to.deep.equal([false, []]);
        expect(stderr).to.contain('it could not be checked: kdeploy was not found.');
      });

      it('also where the kdeploy of npm is there still, and no Node.js', async () => {
        await sandbox.write('program/bin/run.js', '');
        const file = await named('home/.local/bin/kdeploy');
        expect((await push()).exitCode).to.equal(0);
        expect((await sandbox.calls())[0]?.arguments).to.equal(startedBy(file));
      });
    });

    const refusals: readonly [reason: string, spoil: () => Promise<void>, sentence: string][] = [
      [
        'there is nothing',
        () => rm(sandbox.file('program'), { recursive: true }),
        'it could not be checked: kdeploy was not found.',
      ],
      ['there is no node', () => rm(sandbox.node), 'it could not be checked: Node.js was not found.'],
      [
        'there is only an old node',
        async () => {
          await rm(sandbox.node);
          await rename(await sandbox.program('old', 0, 'v20.18.9'), join(path, 'node'));
        },
        'kdeploy needs Node.js 20.19, 22.3 or later, and ',
      ],
      [
        'there is only a node of the gap',
        async () => {
          await rm(sandbox.node);
          await rename(await sandbox.program('gap', 0, 'v22.2.0'), join(path, 'node'));
        },
        'kdeploy needs Node.js 20.19, 22.3 or later, and ',
      ],
      [
        'there is a node but no kdeploy',
        () => rm(sandbox.file('program/bin'), { recursive: true }),
        'program/node, but no kdeploy.',
      ],
    ];
    for (const [reason, spoil, sentence] of refusals) {
      it(`stops the push with the way out when ${reason}`, async () => {
        await install();
        await spoil();
        const { exitCode, stderr } = await push();
        expect(exitCode).not.to.equal(0);
        expect(await remoteHas('refs/heads/main')).to.equal('');
        expect(stderr).to.contain(sentence);
        for (const words of ['kdeploy hook install', 'git push --no-verify', ".git/hooks/pre-push'", sandbox.node]) {
          expect(stderr).to.contain(words);
        }
        const line = `refs/heads/main ${'a'.repeat(40)} refs/heads/main ${ZEROS}\n`;
        const direct = await run(sandbox.hook, ['o', 'u'], sandbox.root, { ...sandbox.env, PATH: path }, line);
        expect(direct.exitCode).to.equal(3);
        expect(await sandbox.calls()).to.deep.equal([]);
      });
    }
  });

  it('starts from paths with anything in them that a shell takes for its own', async () => {
    const odd = `odd ' " $HOME \`date\` \\ ;& \n name`;
    const node = await sandbox.program(odd, 0);
    const kdeploy = await sandbox.write(`program/${odd}.js`, '');
    const template = await readFile(templatePath('pre-push'), 'utf8');
    await sandbox.install();
    await writeFile(sandbox.hook, renderHookScript(template, { node, kdeploy, projectKdeploy: '' }));
    await sandbox.commitProject();
    expect((await sandbox.push(['main'])).exitCode).to.equal(0);
    expect((await sandbox.calls())[0]?.stdin).to.contain('refs/heads/main');
  });
});
