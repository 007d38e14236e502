import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import { execa } from 'execa';

import { environment } from '../support/environment/mocha.js';
import { runCommand, type Outcome } from '../support/command.js';
import { temporaryFolder } from '../unit/git/temporary-repository.js';
import { MLFLOW_YML, projectFiles } from '../unit/hook/projects.js';

const EXECUTABLE = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const SECRET = 'hunter2-do-not-print';

/** A repository with a remote, and a pre-push hook that calls the compiled command. */
interface Clone {
  readonly folder: string;
  write(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  git(...args: string[]): Promise<Outcome>;
  commit(message?: string): Promise<string>;
  push(...args: string[]): Promise<Outcome>;
  /** The ids of the remote's refs, by name. */
  remoteRefs(): Promise<Record<string, string>>;
}

describe('git push with the hook', function () {
  this.timeout(120_000);
  let top: string;
  let bare: string;
  let clone: Clone;
  let env: Record<string, string>;

  beforeEach(async () => {
    top = await temporaryFolder();
    bare = path.join(top, 'remote.git');
    const { PATH = '' } = environment().env;
    env = {
      PATH,
      HOME: top,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      ...Object.fromEntries(
        ['AUTHOR', 'COMMITTER'].flatMap((who) => [
          [`GIT_${who}_NAME`, 'a'],
          [`GIT_${who}_EMAIL`, 'a@b.c'],
        ]),
      ),
    };
    await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], { env, extendEnv: false });
    clone = await cloneInto(path.join(top, 'clone'));
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  async function cloneInto(folder: string, ...options: string[]): Promise<Clone> {
    await execa('git', ['clone', '--quiet', ...options, `file://${bare}`, folder], { env, extendEnv: false });
    const made = at(folder);
    await made.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    await hookIn(path.join(folder, '.git'));
    return made;
  }

  async function hookIn(gitFolder: string): Promise<void> {
    const hook = path.join(gitFolder, 'hooks', 'pre-push');
    await mkdir(path.dirname(hook), { recursive: true });
    await writeFile(hook, `#!/bin/sh\nexec "${process.execPath}" "${EXECUTABLE}" hook run "$@"\n`);
    await chmod(hook, 0o755);
  }

  function at(folder: string): Clone {
    const git = async (...args: string[]): Promise<Outcome> => {
      const { exitCode, stdout, stderr } = await execa('git', args, {
        cwd: folder,
        env,
        extendEnv: false,
        reject: false,
      });
      return { exitCode, stdout, stderr };
    };
    return {
      folder,
      git,
      write: async (file, text) => {
        await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
        await writeFile(path.join(folder, file), text);
      },
      remove: (file) => rm(path.join(folder, file), { recursive: true }),
      commit: async (message = 'change') => {
        await git('add', '--all', '.');
        const { exitCode, stderr } = await git('commit', '--quiet', '--allow-empty', '-m', message);
        expect(exitCode, stderr).to.equal(0);
        return (await git('rev-parse', 'HEAD')).stdout;
      },
      push: (...args) => git('push', ...args),
      remoteRefs: async () => {
        const { stdout } = await git('ls-remote', `file://${bare}`);
        const lines = stdout.split('\n').filter((line) => line !== '');
        return Object.fromEntries(lines.map((line) => line.split('\t').reverse() as [string, string]));
      },
    };
  }

  /** A project that is right, with conf/local/mlflow.yml, which git ignores. */
  async function project(folder = '', into = clone): Promise<void> {
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const [file, text] of Object.entries(projectFiles())) await into.write(prefix + file, text);
    await into.write(`${prefix}conf/local/mlflow.yml`, MLFLOW_YML);
  }
  const breakIt = (folder = '', into = clone) =>
    into.write(path.posix.join(folder, 'requirements.txt'), 'kedro~=1.0\n');
  const mendIt = (folder = '', into = clone) =>
    into.write(path.posix.join(folder, 'requirements.txt'), projectFiles()['requirements.txt']!);

  function expectPushed({ exitCode, stderr }: Outcome, ...words: string[]): void {
    expect(exitCode, stderr).to.equal(0);
    for (const each of words) expect(stderr).to.contain(each);
  }
  function expectStopped({ exitCode, stderr }: Outcome, ...words: string[]): void {
    expect(exitCode, stderr).to.equal(1);
    expect(stderr)
      .to.contain('The push was stopped.')
      .and.to.contain('git push --no-verify')
      .and.to.contain('KDEPLOY_SKIP_HOOK=1');
    for (const each of words) expect(stderr).to.contain(each);
  }
  const KEDRO_MLFLOW_MISSING = 'error: kedro-mlflow is not among the requirements';

  it('lets the first push of a project that is right through, and says so in a line', async () => {
    await project();
    const id = await clone.commit();
    const pushed = await clone.push('origin', 'main');
    expectPushed(pushed, 'kdeploy checked the project as committed: no problems.');
    expect(await clone.remoteRefs()).to.include({ 'refs/heads/main': id });
  });

  it('stops one that is broken, with findings like a compiler’s, and the remote stays as it was', async () => {
    await project('services/churn');
    await breakIt('services/churn');
    await clone.commit();
    const stopped = await clone.push('origin', 'main');
    expectStopped(
      stopped,
      `services/churn/requirements.txt`,
      KEDRO_MLFLOW_MISSING,
      '[kedro-mlflow-required]',
      '    next: ',
    );
    expect(stopped.stdout, 'git’s own stdout').to.equal('');
    expect(await clone.remoteRefs()).to.deep.equal({});
  });

  it('is passed over by --no-verify and by KDEPLOY_SKIP_HOOK=1, which is told', async () => {
    await project();
    await breakIt();
    await clone.commit();
    expectPushed(await clone.push('--no-verify', 'origin', 'main:a'));
    env = { ...env, KDEPLOY_SKIP_HOOK: '1' };
    expectPushed(await clone.push('origin', 'main:b'), 'KDEPLOY_SKIP_HOOK is set, so this push is not checked');
    env = { ...env, KDEPLOY_SKIP_HOOK: '0' };
    await clone.write('conf/base/parameters.yml', 'a: 1');
    await clone.commit();
    expectStopped(await clone.push('origin', 'main:c'));
  });

  describe('checks the commits and not the disk', () => {
    it('where the disk is right and the commit is broken', async () => {
      await project();
      await breakIt();
      await clone.commit();
      await mendIt();
      expectStopped(await clone.push('origin', 'main'), KEDRO_MLFLOW_MISSING);
    });

    it('where the disk is broken and the commit is right', async () => {
      await project();
      await clone.commit();
      await breakIt();
      await clone.remove('src');
      expectPushed(await clone.push('origin', 'main'), 'no problems');
    });

    it('where another branch is pushed than the one that is checked out', async () => {
      await project();
      await clone.commit();
      await clone.git('checkout', '--quiet', '-b', 'broken');
      await breakIt();
      await clone.commit();
      await clone.git('checkout', '--quiet', 'main');
      expectPushed(await clone.push('origin', 'main'), 'no problems');
      expectStopped(await clone.push('origin', 'broken'), KEDRO_MLFLOW_MISSING);
    });
  });

  describe('reads conf/local, which is not in git', () => {
    it('from disk, and says what to do where it is missing', async () => {
      await project();
      await clone.write(
        'conf/local/mlflow.yml',
        `server:\n  mlflow_tracking_uri: https://me:${SECRET}@mlflow.example.com\n`,
      );
      await clone.commit();
      const stopped = await clone.push('origin', 'main');
      expectStopped(stopped, 'conf/local/mlflow.yml:2: error:', '[tracking-uri-has-no-credentials]');
      expect(stopped.stderr).to.not.contain(SECRET);
      await clone.remove('conf/local/mlflow.yml');
      expectStopped(await clone.push('origin', 'main'), 'there is no conf/local/mlflow.yml', 'next: kedro mlflow init');
    });

    it('not with --no-local, as in CI', async () => {
      await project();
      await clone.commit();
      const command = (...args: string[]) => runCommand(args, { cwd: clone.folder, env });
      expect((await command('check', '--commit', 'HEAD')).exitCode).to.equal(0);
      const { exitCode, stdout } = await command('check', '--commit', 'HEAD', '--no-local');
      expect(exitCode).to.equal(1);
      expect(stdout).to.contain('[mlflow-config-exists]').and.to.contain('kedro mlflow init');
    });

    it('of a work tree of its own', async () => {
      await project();
      await clone.commit();
      expectPushed(await clone.push('origin', 'main'));
      const other = at(path.join(top, 'linked'));
      await clone.git('worktree', 'add', '--quiet', '-b', 'feature', other.folder);
      await other.write('README.md', 'x');
      await other.commit();
      expectStopped(await other.push('origin', 'feature'), 'there is no conf/local/mlflow.yml');
      await other.write('conf/local/mlflow.yml', MLFLOW_YML);
      expectPushed(await other.push('origin', 'feature'), 'no problems');
    });
  });

  describe('says nothing of a push', () => {
    it('of a repository without a Kedro project', async () => {
      await clone.write('pyproject.toml', '[project]\nname = "x"\n');
      await clone.commit();
      const pushed = await clone.push('--quiet', 'origin', 'main');
      expectPushed(pushed);
      expect(pushed.stderr).to.equal('');
    });

    it('that touches no project, or the wrong one of a monorepo', async () => {
      await project('churn');
      await breakIt('churn');
      await clone.commit();
      expectPushed(await clone.push('--no-verify', '--quiet', 'origin', 'main'));
      await clone.write('README.md', 'x');
      await clone.commit();
      const pushed = await clone.push('--quiet', 'origin', 'main');
      expectPushed(pushed);
      expect(pushed.stderr).to.equal('');
      await project('fraud');
      await clone.commit();
      const other = await clone.push('origin', 'main');
      expectPushed(other, 'kdeploy checked fraud as committed: no problems.');
    });

    it('that deletes a branch, or a project', async () => {
      await project('churn');
      await breakIt('churn');
      await clone.commit();
      expectPushed(await clone.push('--no-verify', '--quiet', 'origin', 'main', 'main:old'));
      const deleted = await clone.push('--quiet', 'origin', ':old');
      expectPushed(deleted);
      expect(deleted.stderr).to.equal('');
      await clone.remove('churn');
      await clone.commit();
      const gone = await clone.push('--quiet', 'origin', 'main');
      expectPushed(gone);
      expect(gone.stderr).to.equal('');
      expect(Object.keys(await clone.remoteRefs())).to.not.include('refs/heads/old');
    });

    it('of a new branch or tag whose commit the remote has', async () => {
      await project();
      await breakIt();
      await clone.commit();
      expectPushed(await clone.push('--no-verify', '--quiet', 'origin', 'main'));
      await clone.git('tag', '-a', '-m', 'v1', 'v1');
      const pushed = await clone.push('--quiet', 'origin', 'main:same', 'v1');
      expectPushed(pushed);
      expect(pushed.stderr).to.equal('');
    });
  });

  it('checks each of several refs, and the same commit once', async () => {
    await project();
    const fine = await clone.commit();
    await clone.git('checkout', '--quiet', '-b', 'broken');
    await breakIt();
    const broken = await clone.commit();
    const stopped = await clone.push('origin', 'main', 'main:same', 'broken');
    expectStopped(stopped, `In ${broken.slice(0, 12)} (broken):`);
    expect(stopped.stderr).to.not.contain(fine.slice(0, 12));
    expect(stopped.stderr.match(/kedro-mlflow is not among/g)).to.have.length(1);
    expect(await clone.remoteRefs(), 'none of them is pushed').to.deep.equal({});
  });

  it('checks tags, annotated and light, and passes over those of files', async () => {
    await project();
    await breakIt();
    await clone.commit();
    await clone.git('tag', '-a', '-m', 'v1', 'annotated');
    await clone.git('tag', 'light');
    await clone.git('tag', 'file', 'HEAD:requirements.txt');
    expectStopped(await clone.push('origin', 'annotated'), KEDRO_MLFLOW_MISSING);
    expectStopped(await clone.push('origin', 'light'), KEDRO_MLFLOW_MISSING);
    expectPushed(await clone.push('origin', 'file'));
  });

  it('checks what a forced push brings, also over commits of somebody else', async () => {
    await project();
    await clone.commit();
    expectPushed(await clone.push('origin', 'main'));
    const colleague = await cloneInto(path.join(top, 'colleague'));
    await colleague.git('reset', '--quiet', '--hard', 'origin/main');
    await colleague.write('README.md', 'theirs');
    await colleague.write('conf/local/mlflow.yml', MLFLOW_YML);
    await colleague.commit();
    expectPushed(await colleague.push('origin', 'main'));
    await breakIt();
    await clone.git('add', '.');
    await clone.git('commit', '--quiet', '--amend', '-m', 'amended');
    expectStopped(await clone.push('--force', 'origin', 'main'), KEDRO_MLFLOW_MISSING);
    await mendIt();
    await clone.write('README.md', 'ours');
    await clone.git('add', '.');
    await clone.git('commit', '--quiet', '--amend', '-m', 'amended');
    expectPushed(await clone.push('--force', 'origin', 'main'), 'no problems');
  });

  it('does not blame a merge for what is on main, and does for what it made of it', async () => {
    await project('churn');
    await project('fraud');
    await clone.commit();
    expectPushed(await clone.push('origin', 'main'));
    await clone.git('checkout', '--quiet', '-b', 'feature');
    await clone.write('churn/README.md', 'x');
    await clone.commit();
    expectPushed(await clone.push('origin', 'feature'));
    await clone.git('checkout', '--quiet', 'main');
    await breakIt('fraud');
    await clone.commit();
    expectPushed(await clone.push('--no-verify', 'origin', 'main'));
    await clone.git('checkout', '--quiet', 'feature');
    await clone.git('merge', '--quiet', '--no-edit', 'main');
    expectPushed(await clone.push('origin', 'feature'));
    await breakIt('churn');
    await clone.commit();
    const stopped = await clone.push('origin', 'feature');
    expectStopped(stopped, 'churn/requirements.txt');
    expect(stopped.stderr).to.not.contain('fraud/');
  });

  it('works when the address is given instead of the remote’s name', async () => {
    await project();
    await clone.commit();
    expectPushed(await clone.push(`file://${bare}`, 'main'), 'no problems');
    await clone.git('fetch', '--quiet');
    await clone.write('README.md', 'x');
    await clone.commit();
    await breakIt();
    await clone.commit();
    expectStopped(await clone.push(`file://${bare}`, 'main:new'), KEDRO_MLFLOW_MISSING);
  });

  it('works in a shallow clone', async () => {
    await project();
    for (const text of ['1', '2', '3']) {
      await clone.write('README.md', text);
      await clone.commit();
    }
    expectPushed(await clone.push('origin', 'main'));
    const shallow = await cloneInto(path.join(top, 'shallow'), '--depth', '1');
    await shallow.write('conf/local/mlflow.yml', MLFLOW_YML);
    await shallow.write('README.md', 'shallow');
    await shallow.commit();
    expectPushed(await shallow.push('origin', 'HEAD:main'), 'no problems');
    await breakIt('', shallow);
    await shallow.commit();
    expectStopped(await shallow.push('origin', 'HEAD:new'), KEDRO_MLFLOW_MISSING);
  });

  it('works in a submodule that is the project, and finds none of it in the repository around', async () => {
    await project();
    await clone.commit();
    expectPushed(await clone.push('origin', 'main'));
    const outerRemote = path.join(top, 'outer.git');
    await execa('git', ['init', '--quiet', '--bare', outerRemote], { env, extendEnv: false });
    await execa('git', ['clone', '--quiet', outerRemote, path.join(top, 'outer')], { env, extendEnv: false });
    const outer = at(path.join(top, 'outer'));
    await hookIn(path.join(outer.folder, '.git'));
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', `file://${bare}`, 'app');
    const inner = at(path.join(outer.folder, 'app'));
    await hookIn(path.join(outer.folder, '.git/modules/app'));
    await breakIt('', inner);
    await inner.commit();
    expectStopped(await inner.push('origin', 'HEAD:main'), 'requirements.txt', 'conf/local/mlflow.yml');
    await outer.commit();
    const pushed = await outer.push('--quiet', 'origin', 'HEAD:main');
    expectPushed(pushed);
    expect(pushed.stderr).to.equal('');
  });

  it('works with the repository somewhere else than the files', async () => {
    await project();
    await clone.commit();
    const apart = path.join(top, 'apart');
    await execa('mv', [path.join(clone.folder, '.git'), apart]);
    const args = [`--git-dir=${apart}`, `--work-tree=${clone.folder}`, 'push', 'origin', 'main'];
    expectPushed(await clone.git(...args), 'no problems');
  });

  it('works with SHA-256', async () => {
    await rm(bare, { recursive: true });
    await execa('git', ['init', '--quiet', '--bare', '--object-format=sha256', bare], { env, extendEnv: false });
    const other = at(path.join(top, 'sha256'));
    await execa('git', ['init', '--quiet', '--object-format=sha256', other.folder], { env, extendEnv: false });
    await other.git('remote', 'add', 'origin', `file://${bare}`);
    await hookIn(path.join(other.folder, '.git'));
    await project('', other);
    expect(await other.commit()).to.have.length(64);
    expectPushed(await other.push('origin', 'HEAD:main'), 'no problems');
    await breakIt('', other);
    await other.commit();
    expectStopped(await other.push('origin', 'HEAD:main'), KEDRO_MLFLOW_MISSING);
  });

  it('gives the same as data with --json', async () => {
    await project('churn');
    await breakIt('churn');
    const commit = await clone.commit();
    const input = `refs/heads/main ${commit} refs/heads/main ${'0'.repeat(40)}\n`;
    const args = [EXECUTABLE, 'hook', 'run', 'origin', `file://${bare}`, '--json'];
    const { exitCode, stdout } = await execa(process.execPath, args, {
      cwd: clone.folder,
      env,
      extendEnv: false,
      input,
      reject: false,
    });
    expect(exitCode).to.equal(1);
    const result = JSON.parse(stdout) as {
      stopped: boolean;
      projects: { folder: string; commit: string; refs: string[]; findings: { rule: string }[] }[];
    };
    expect(result.stopped).to.equal(true);
    expect(result.projects.map(({ folder, commit: id, refs }) => [folder, id, ...refs])).to.deep.equal([
      ['churn', commit, 'refs/heads/main'],
    ]);
    expect(result.projects[0]?.findings.map(({ rule }) => rule)).to.include('kedro-mlflow-required');
  });

  it('ends with a usage error on input that is none of git’s', async () => {
    const options = { cwd: clone.folder, env, extendEnv: false, input: 'hello\n', reject: false } as const;
    const { exitCode, stderr } = await execa(process.execPath, [EXECUTABLE, 'hook', 'run'], options);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('line 1 on standard input').and.to.contain('next: ');
  });

  it('asks Kedro about the commit, where only Kedro can read it', async () => {
    const { variables } = environment();
    env = { ...env, ...variables };
    await project();
    // `${…}` of the commit leads to one address, that of the disk to another one.
    await clone.write('conf/base/globals.yml', 'address: https://committed.example.com\n');
    await clone.write('conf/prod/mlflow.yml', 'server:\n  mlflow_tracking_uri: ${globals:address}\n');
    await clone.commit();
    await clone.write('conf/base/globals.yml', 'address: https://disk.example.com\n');
    const args = ['check', '--commit', 'HEAD', '--env', 'prod', '--json'];
    const { stdout, stderr } = await runCommand(args, { cwd: clone.folder, env });
    const { tracking, findings } = JSON.parse(stdout) as { tracking: { uri: string } | null; findings: object[] };
    expect(tracking?.uri, stderr + JSON.stringify(findings)).to.equal('https://committed.example.com');
    expect(await readFile(path.join(clone.folder, 'conf/base/globals.yml'), 'utf8')).to.contain('disk');
  });
});
