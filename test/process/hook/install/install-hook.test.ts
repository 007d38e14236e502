import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { carryOut, planInstallation } from '../../../../src/hook/install/install-hook.js';
import { uninstallHook } from '../../../../src/hook/install/uninstall-hook.js';
import { rejection } from '../../../support/rejection.js';
import { PushSandbox } from '../../../support/push-sandbox.js';
import { restoreEnvironment } from '../../../support/restore-environment.js';

describe('installing the hook', () => {
  let sandbox: PushSandbox;
  const before = { ...process.env };

  beforeEach(async () => {
    sandbox = await PushSandbox.create();
    sandbox.useGitConfiguration();
  });
  afterEach(async () => {
    restoreEnvironment(before);
    await sandbox.remove();
  });

  const hooks = async () =>
    (await readdir(join(sandbox.root, '.git/hooks'))).filter((name) => !name.endsWith('.sample'));
  const git = (...arguments_: string[]) => sandbox.git(sandbox.root, ...arguments_);
  const uninstall = (force = false) => uninstallHook({ directory: sandbox.root, force });
  const mode = async (file: string) => (await lstat(file)).mode & 0o777;

  it('writes one executable file, and names it from the top of the repository', async () => {
    expect(await sandbox.install()).to.deep.equal({
      hook: '.git/hooks/pre-push',
      action: 'installed',
      earlierHook: null,
      notes: [],
    });
    expect(await hooks()).to.deep.equal(['pre-push']);
    expect(await mode(sandbox.hook)).to.equal(0o755);
  });

  it('says so where uvx runs kdeploy, whose cache may be cleared', async () => {
    const kdeploy = '/home/ada/.cache/uv/archive-v0/x1/lib/python3.12/site-packages/kdeploy/program/bin/run.js';
    const options = { directory: sandbox.root, programs: { node: sandbox.node, kdeploy } };
    const { notes } = await carryOut(await planInstallation(options));
    expect(notes.join()).to.contain('from the cache of uvx').and.to.contain('uv tool install');
  });

  it('makes the folder where git init made none', async () => {
    await rm(join(sandbox.root, '.git/hooks'), { recursive: true });
    await sandbox.install();
    expect(await hooks()).to.deep.equal(['pre-push']);
  });

  it('changes nothing the second time', async () => {
    await sandbox.install();
    const { ino, mtimeMs } = await lstat(sandbox.hook);
    expect((await sandbox.install()).action).to.equal('unchanged');
    expect(await lstat(sandbox.hook)).to.include({ ino, mtimeMs });
  });

  it('changes nothing the second time with an earlier hook either, which it names again', async () => {
    await sandbox.foreignHook('work tree/.git/hooks/pre-push');
    await sandbox.install();
    expect(await sandbox.install()).to.include({
      action: 'unchanged',
      earlierHook: '.git/hooks/pre-push.before-kdeploy',
    });
    expect(await hooks()).to.deep.equal(['pre-push', 'pre-push.before-kdeploy']);
  });

  it('takes the place of the hook of another version or another node', async () => {
    await sandbox.install();
    await sandbox.program('other', 0);
    const programs = { node: sandbox.file('program/other'), kdeploy: sandbox.file('program/bin/run.js') };
    const plan = await planInstallation({ directory: sandbox.root, programs });
    expect((await carryOut(plan)).action).to.equal('updated');
    expect(await readFile(sandbox.hook, 'utf8')).to.contain('program/other');
    expect(await hooks()).to.deep.equal(['pre-push']);
  });

  it('writes forward slashes for the shell that git has on Windows', async () => {
    const programs = { node: 'C:\\Program Files\\node.exe', kdeploy: 'C:\\kdeploy\\run.js' };
    const { text } = await planInstallation({ directory: sandbox.root, programs, platform: 'win32' });
    expect(text).to.contain("recorded_node='C:/Program Files/node.exe'\nrecorded_kdeploy='C:/kdeploy/run.js'\n");
  });

  it('leaves a hook that was edited afterwards, unless it is told to', async () => {
    await sandbox.install();
    const edited = (await readFile(sandbox.hook, 'utf8')).replace('exit 3', 'exit 0');
    await writeFile(sandbox.hook, edited);
    const error = await rejection(sandbox.install());
    expect([error.code, error.message]).to.deep.equal([
      'usage',
      '.git/hooks/pre-push was edited after kdeploy wrote it, so it was kept',
    ]);
    expect((await rejection(uninstall())).hint).to.contain('kdeploy hook uninstall --force');
    expect(await readFile(sandbox.hook, 'utf8')).to.equal(edited);
    expect((await sandbox.install(sandbox.root, true)).action).to.equal('updated');
    expect(await readFile(sandbox.hook, 'utf8')).to.contain('exit 3');
  });

  it('changes nothing while it is planned', async () => {
    await sandbox.foreignHook('work tree/.git/hooks/pre-push');
    const programs = { node: sandbox.node, kdeploy: '' };
    expect((await planInstallation({ directory: sandbox.root, programs })).action).to.equal('installed');
    expect(await hooks()).to.deep.equal(['pre-push']);
  });

  describe('where there is a hook already', () => {
    const kept = () => `${sandbox.hook}.before-kdeploy`;

    for (const [what, permissions] of [
      ['a program in any language', 0o755],
      ['one that only its owner may run', 0o700],
      ['one that is not executable', 0o644],
    ] as const) {
      it(`keeps ${what} as it is, and gives it back to the byte`, async () => {
        const bytes = Buffer.from([0x23, 0x21, 0xff, 0x00, 0x0d, 0x0a, 0xc3]);
        await writeFile(sandbox.hook, bytes);
        await chmod(sandbox.hook, permissions);
        const { earlierHook, notes } = await sandbox.install();
        expect(earlierHook).to.equal('.git/hooks/pre-push.before-kdeploy');
        expect(notes.join()).to.contain(permissions === 0o644 ? 'is not executable' : 'and called after the check');
        expect([await readFile(kept()), await mode(kept())]).to.deep.equal([bytes, permissions]);
        expect(await uninstall()).to.deep.equal({ hook: '.git/hooks/pre-push', action: 'restored' });
        expect([await readFile(sandbox.hook), await mode(sandbox.hook)]).to.deep.equal([bytes, permissions]);
        expect(await hooks()).to.deep.equal(['pre-push']);
      });
    }

    for (const target of ['../../tools/pre-push', 'nowhere']) {
      it(`keeps a link to ${target} a link`, async () => {
        const real = await sandbox.foreignHook('work tree/tools/pre-push');
        const text = await readFile(real, 'utf8');
        await symlink(target, sandbox.hook);
        await sandbox.install();
        expect(await readlink(kept())).to.equal(target);
        expect((await lstat(sandbox.hook)).isFile()).to.equal(true);
        expect(await readFile(real, 'utf8')).to.equal(text);
        await uninstall();
        expect(await readlink(sandbox.hook)).to.equal(target);
        expect(await hooks()).to.deep.equal(['pre-push']);
      });
    }

    it('refuses a hook that is not a file, and leaves it', async () => {
      await mkdir(sandbox.hook);
      expect((await rejection(sandbox.install())).message).to.match(/pre-push is not a file$/);
      expect(await hooks()).to.deep.equal(['pre-push']);
    });

    it('does not lose the first earlier hook when another tool has written over kdeploy’s', async () => {
      await sandbox.write('work tree/.git/hooks/pre-push', 'first', 0o755);
      await sandbox.install();
      await sandbox.write('work tree/.git/hooks/pre-push', 'second', 0o755);
      const error = await rejection(sandbox.install(sandbox.root, true));
      expect(error.message).to.contain('.git/hooks/pre-push.before-kdeploy still contains the earlier hook');
      expect([await readFile(sandbox.hook, 'utf8'), await readFile(kept(), 'utf8')]).to.deep.equal(['second', 'first']);
      expect((await rejection(uninstall())).message).to.equal(
        '.git/hooks/pre-push was not installed by kdeploy, so it was kept',
      );
    });

    it('keeps it once when several install at the same time', async () => {
      await sandbox.write('work tree/.git/hooks/pre-push', 'theirs', 0o755);
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => sandbox.install()));
      expect(results.filter(({ status }) => status === 'fulfilled')).not.to.have.lengthOf(0);
      expect(await readFile(kept(), 'utf8')).to.equal('theirs');
      expect(await hooks()).to.deep.equal(['pre-push', 'pre-push.before-kdeploy']);
      expect((await sandbox.install()).action).to.equal('unchanged');
    });

    it('calls the kept hook again when somebody deleted kdeploy’s by hand', async () => {
      await sandbox.foreignHook('work tree/.git/hooks/pre-push');
      await sandbox.install();
      await rm(sandbox.hook);
      expect(await sandbox.install()).to.include({
        action: 'installed',
        earlierHook: '.git/hooks/pre-push.before-kdeploy',
      });
      await sandbox.commit('a', '');
      await sandbox.push(['main']);
      expect(await sandbox.calls()).to.have.lengthOf(1);
    });

    it('says so, and leaves all as it was, when the folder is none', async () => {
      await rm(join(sandbox.root, '.git/hooks'), { recursive: true });
      await sandbox.write('work tree/.git/hooks', 'a file');
      const error = await rejection(sandbox.install());
      expect([error.code, error.message.endsWith('cannot be written; no hook was changed')]).to.deep.equal([
        'usage',
        true,
      ]);
      expect(await readFile(join(sandbox.root, '.git/hooks'), 'utf8')).to.equal('a file');
    });
  });

  describe('with core.hooksPath', () => {
    it('writes where git looks, and a push is checked', async () => {
      await git('config', 'core.hooksPath', 'tools/hooks');
      await sandbox.commitProject();
      expect((await sandbox.install()).hook).to.equal('tools/hooks/pre-push');
      await sandbox.program('kdeploy', 0);
      const path = `${sandbox.file('program')}:${sandbox.env.PATH ?? ''}`;
      await sandbox.push(['main'], { PATH: path });
      expect(await sandbox.calls()).to.have.lengthOf(1);
    });

    it('puts nothing of this machine into a hook that can be committed, and says so', async () => {
      await git('config', 'core.hooksPath', 'tools/hooks');
      const { notes } = await sandbox.install();
      const text = await readFile(join(sandbox.root, 'tools/hooks/pre-push'), 'utf8');
      expect(text).not.to.contain(sandbox.file('program'));
      expect(text).to.contain("recorded_node=''\nrecorded_kdeploy=''\n");
      expect(text).to.contain("project_kdeploy='node_modules/kdeploy/bin/run.js'");
      expect(notes.join()).to.contain('tools/hooks/pre-push can be committed');
    });

    it('has git check it out with LF everywhere, and replaces one that was checked out with CRLF', async () => {
      await git('config', 'core.hooksPath', 'tools/hooks');
      await git('config', 'core.autocrlf', 'true');
      const { notes } = await sandbox.install();
      expect(notes.join()).to.contain('commit tools/hooks/.gitattributes as well');
      const file = join(sandbox.root, 'tools/hooks/pre-push');
      const text = await readFile(file, 'utf8');
      await sandbox.commitProject();
      await rm(file);
      await git('checkout', '--', 'tools');
      expect(await readFile(file, 'utf8')).to.equal(text);

      await writeFile(file, text.replaceAll('\n', '\r\n'));
      const again = await sandbox.install();
      expect([again.action, await readFile(file, 'utf8')]).to.deep.equal(['updated', text]);
      expect(again.notes.join()).not.to.contain('.gitattributes');
    });

    it('leaves a .gitattributes of the user as it is, and tells which line it lacks', async () => {
      await git('config', 'core.hooksPath', 'tools/hooks');
      await sandbox.write('work tree/tools/hooks/.gitattributes', '*.sh text\n');
      expect((await sandbox.install()).notes.join()).to.contain(
        'add this line to tools/hooks/.gitattributes, or the hook cannot start where git checks it out with CRLF: pre-push* text eol=lf',
      );
      expect(await readFile(join(sandbox.root, 'tools/hooks/.gitattributes'), 'utf8')).to.equal('*.sh text\n');
    });

    it('puts it in where git ignores the folder', async () => {
      await git('config', 'core.hooksPath', '.hooks');
      await sandbox.write('work tree/.gitignore', '.hooks\n');
      expect((await sandbox.install()).notes).to.deep.equal([]);
      expect(await readFile(join(sandbox.root, '.hooks/pre-push'), 'utf8')).to.contain(sandbox.node);
    });

    it('does not write into the folder of all repositories unasked', async () => {
      await git('config', '--global', 'core.hooksPath', '~/hooks');
      const error = await rejection(sandbox.install());
      expect([error.code, error.exitCode]).to.deep.equal(['usage', 2]);
      expect(error.message).to.equal(
        `core.hooksPath in ${sandbox.file('home/.gitconfig')} points to ${sandbox.file('home/hooks')}, outside this repository; nothing was changed`,
      );
      expect(error.hint).to.contain('kdeploy hook install --force');
      expect(error.hint).to.contain(`git config core.hooksPath '${join(sandbox.root, '.git/hooks')}'`);
      expect(await readdir(sandbox.file('home'))).to.deep.equal(['.gitconfig']);
    });

    it('writes there with force, and then takes no program from a repository that was only cloned', async () => {
      await git('config', '--global', 'core.hooksPath', '~/hooks');
      const { hook, notes } = await sandbox.install(sandbox.root, true);
      expect(hook).to.equal(sandbox.file('home/hooks/pre-push'));
      expect(notes.join()).to.contain('serves all repositories');
      expect(await readFile(hook, 'utf8')).to.contain("project_kdeploy=''");
      await rm(sandbox.file('program/bin'), { recursive: true });
      await sandbox.write('work tree/node_modules/kdeploy/bin/run.js', '');
      await sandbox.commitProject();
      const { exitCode } = await sandbox.push(['main'], { PATH: await sandbox.pathWithoutNode() });
      expect([exitCode === 0, await sandbox.calls()]).to.deep.equal([false, []]);
    });
  });

  it('in a linked work tree serves all of them', async () => {
    await sandbox.commitProject();
    await git('worktree', 'add', '--quiet', sandbox.file('linked'));
    expect((await sandbox.install(sandbox.file('linked'))).hook).to.equal(sandbox.hook);
    await sandbox.push(['main']);
    await sandbox.push(['linked'], {}, sandbox.file('linked'));
    expect(await sandbox.calls()).to.have.lengthOf(2);
    expect(await uninstallHook({ directory: sandbox.root })).to.include({ action: 'removed' });
  });

  it('in a submodule serves this one alone', async () => {
    await sandbox.commitProject();
    await git('push', '--quiet', 'origin', 'main');
    await git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', sandbox.file('remote.git'), 'part');
    await sandbox.install(join(sandbox.root, 'part'));
    await sandbox.commit('x', '', join(sandbox.root, 'part'));
    await sandbox.push(['HEAD:refs/heads/part'], {}, join(sandbox.root, 'part'));
    expect(await sandbox.calls()).to.have.lengthOf(1);
    await sandbox.push(['HEAD:refs/heads/outer']);
    expect(await sandbox.calls()).to.have.lengthOf(0);
  });

  describe('where a tool manages the hooks', () => {
    const managers: readonly [name: string, file: string, words: readonly string[]][] = [
      ['lefthook', 'lefthook.yml', ['run: kdeploy hook run {1} {2}', 'then run: lefthook install']],
      ['lefthook', '.config/lefthook.toml', ['use_stdin: true']],
      ['pre-commit', '.pre-commit-config.yaml', ['entry: kdeploy hook run', 'pre-commit install --hook-type pre-push']],
    ];
    for (const [name, file, words] of managers) {
      it(`shows which lines to add to ${file}, and changes nothing`, async () => {
        await sandbox.write(`work tree/${file}`, '# own\n');
        const error = await rejection(sandbox.install());
        expect([error.exitCode, error.message]).to.deep.equal([
          2,
          `${name} manages the hooks of this repository (${file}); nothing was changed`,
        ]);
        for (const word of [...words, `add to ${file}:`, 'kdeploy hook install --force']) {
          expect(error.hint).to.contain(word);
        }
        expect(await hooks()).to.deep.equal([]);
      });

      it(`says that ${file} calls kdeploy already when it does`, async () => {
        await sandbox.write(`work tree/${file}`, '  run: kdeploy hook run {1} {2}\n');
        const { hook, action, notes } = await sandbox.install();
        expect([hook, action]).to.deep.equal([file, 'unchanged']);
        expect(notes.join()).to.match(new RegExp(`^${name} runs the check; `));
        expect(await hooks()).to.deep.equal([]);
        expect((await rejection(uninstall())).hint).to.equal(`remove the lines with kdeploy from ${file}`);
      });
    }

    it('has lefthook check before git-lfs uploads, where the repository uses it', async () => {
      await sandbox.write('work tree/lefthook.yml', '');
      await sandbox.write('work tree/.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
      const { hint } = await rejection(sandbox.install());
      expect(hint).to.match(/skip_lfs: true[^]*piped: true[^]*kdeploy hook run[^]*git lfs pre-push \{1\} \{2\}/);
    });

    it('installs beside it with force, and then finds its own hook again', async () => {
      await sandbox.write('work tree/lefthook.yml', '');
      await sandbox.foreignHook('work tree/.git/hooks/pre-push');
      expect((await sandbox.install(sandbox.root, true)).action).to.equal('installed');
      expect((await sandbox.install()).action).to.equal('unchanged');
      expect((await uninstall()).action).to.equal('restored');
    });

    it('knows its own hook where pre-commit has moved it', async () => {
      await sandbox.install();
      await sandbox.write('work tree/.git/hooks/pre-push.legacy', await readFile(sandbox.hook, 'utf8'), 0o755);
      await sandbox.write(
        'work tree/.git/hooks/pre-push',
        '#!/usr/bin/env bash\n# File generated by pre-commit\n',
        0o755,
      );
      expect(await sandbox.install()).to.include({ hook: '.git/hooks/pre-push.legacy', action: 'unchanged' });
      expect((await rejection(uninstall())).hint).to.equal('delete .git/hooks/pre-push.legacy');
    });

    for (const path of ['.husky/_', '.husky', 'frontend/.husky/_']) {
      it(`writes husky’s own file where core.hooksPath is ${path}`, async () => {
        await git('config', 'core.hooksPath', path);
        const file = `${path.replace('/_', '')}/pre-push`;
        const { hook, action } = await sandbox.install();
        expect([hook, action]).to.deep.equal([file, 'installed']);
        expect(await readFile(join(sandbox.root, file), 'utf8')).not.to.contain(sandbox.file('program'));
        expect((await sandbox.install()).action).to.equal('unchanged');
        expect(await uninstall()).to.deep.equal({ hook: file, action: 'removed' });
      });
    }

    it('writes nothing through a .husky that leads out of the repository', async () => {
      await sandbox.write('outside/x', '');
      await symlink('../outside', join(sandbox.root, '.husky'));
      await mkdir(join(sandbox.root, 'hooks'));
      await git('config', 'core.hooksPath', '.husky/_');
      for (const force of [false, true]) await sandbox.install(sandbox.root, force).catch(() => undefined);
      expect(await readdir(sandbox.file('outside'))).to.deep.equal(['x']);
    });

    it('leaves a file that husky runs, even with force, and shows which lines to add', async () => {
      await git('config', 'core.hooksPath', '.husky/_');
      await sandbox.write('work tree/.husky/pre-push', 'npm test\n');
      for (const force of [false, true]) {
        const error = await rejection(sandbox.install(sandbox.root, force));
        expect(error.message).to.equal('.husky/pre-push already exists and is run by husky, so it was kept');
        expect(error.hint).to.contain(`printf '%s\\n' "$refs" | kdeploy hook run "$@"`);
      }
      expect(await readdir(join(sandbox.root, '.husky'))).to.deep.equal(['pre-push']);
    });
  });
});
