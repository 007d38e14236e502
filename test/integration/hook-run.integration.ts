import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect } from 'chai';
import { execa } from 'execa';

import { executable } from '../support/command.js';
import { environment } from '../support/environment/mocha.js';
import {
  expectPushed,
  expectStopped,
  HookedClones,
  KEDRO_MLFLOW_MISSING,
  type Clone,
} from '../support/hooked-clones.js';
import { MLFLOW_YML } from '../process/hook/projects.js';

const SECRET = 'hunter2-do-not-print';

describe('git push with the hook', function () {
  this.timeout(120_000);
  let clones: HookedClones;
  let clone: Clone;
  beforeEach(async () => {
    clones = await HookedClones.create({ PATH: environment().env.PATH ?? '' });
    clone = await clones.clone();
  });
  afterEach(() => clones.remove());

  it('lets the first push of a project that is right through, and says so in a line', async () => {
    await clone.project();
    const id = await clone.commit();
    const pushed = await clone.push('origin', 'main');
    expectPushed(pushed, 'kdeploy checked the project as committed: no problems.');
    expect(await clone.remoteRefs()).to.include({ 'refs/heads/main': id });
  });

  it('stops one that is broken, with findings like a compiler’s, and the remote stays as it was', async () => {
    await clone.project('services/churn');
    await clone.breakIt('services/churn');
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
    await clone.fixIt('services/churn');
    expectStopped(await clone.push('origin', 'main'), KEDRO_MLFLOW_MISSING);
    const fixed = await clone.commit();
    expectPushed(await clone.push('origin', 'main'), 'kdeploy checked services/churn as committed: no problems.');
    expect(await clone.remoteRefs()).to.include({ 'refs/heads/main': fixed });
  });

  it('shows warnings, and lets the push go', async () => {
    await clone.project();
    await clone.write('conf/base/kdeploy.yml', 'checks:\n  kedro-mlflow-required: warning\n');
    await clone.breakIt();
    const id = await clone.commit();
    expectPushed(await clone.push('origin', 'main'), 'warning: kedro-mlflow is missing', 'as committed: 1 warning.');
    expect(await clone.remoteRefs()).to.include({ 'refs/heads/main': id });
  });

  it('is passed over by --no-verify and by KDEPLOY_SKIP_HOOK=1, which is told', async () => {
    await clone.project();
    await clone.breakIt();
    await clone.commit();
    expectPushed(await clone.push('--no-verify', 'origin', 'main:a'));
    clones.env.KDEPLOY_SKIP_HOOK = '1';
    expectPushed(await clone.push('origin', 'main:b'), 'KDEPLOY_SKIP_HOOK is set, so this push is not checked');
    clones.env.KDEPLOY_SKIP_HOOK = '0';
    await clone.write('conf/base/parameters.yml', 'a: 1');
    await clone.commit();
    expectStopped(await clone.push('origin', 'main:c'));
  });

  describe('checks the commits and not the disk', () => {
    it('where the disk is right and the commit is broken', async () => {
      await clone.project();
      await clone.breakIt();
      await clone.commit();
      await clone.fixIt();
      expectStopped(await clone.push('origin', 'main'), KEDRO_MLFLOW_MISSING);
    });

    it('where the disk is broken and the commit is right', async () => {
      await clone.project();
      await clone.commit();
      await clone.breakIt();
      await clone.remove('src');
      expectPushed(await clone.push('origin', 'main'), 'no problems');
    });

    it('where another branch is pushed than the one that is checked out', async () => {
      await clone.project();
      await clone.commit();
      await clone.git('checkout', '--quiet', '-b', 'broken');
      await clone.breakIt();
      await clone.commit();
      await clone.git('checkout', '--quiet', 'main');
      expectPushed(await clone.push('origin', 'main'), 'no problems');
      expectStopped(await clone.push('origin', 'broken'), KEDRO_MLFLOW_MISSING);
    });
  });

  describe('reads conf/local, which is not in git', () => {
    it('from disk, and says what to do where it is missing', async () => {
      await clone.project();
      await clone.write(
        'conf/local/mlflow.yml',
        `server:\n  mlflow_tracking_uri: https://me:${SECRET}@mlflow.example.com\n`,
      );
      await clone.commit();
      const stopped = await clone.push('origin', 'main');
      expectStopped(stopped, 'conf/local/mlflow.yml:2: error:', '[tracking-uri-has-no-credentials]');
      expect(stopped.stderr).to.not.contain(SECRET);
      await clone.remove('conf/local/mlflow.yml');
      expectStopped(await clone.push('origin', 'main'), 'conf/local/mlflow.yml is missing', 'kedro mlflow init');
    });

    it('not with --no-local, as in CI', async () => {
      await clone.project();
      await clone.commit();
      expect((await clone.kdeploy('check', '--commit', 'HEAD')).exitCode).to.equal(0);
      const { exitCode, stdout } = await clone.kdeploy('check', '--commit', 'HEAD', '--no-local');
      expect(exitCode).to.equal(1);
      expect(stdout).to.contain('[mlflow-config-exists]').and.to.contain('kedro mlflow init');
    });

    it('of a work tree of its own', async () => {
      await clone.project();
      await clone.commit();
      expectPushed(await clone.push('origin', 'main'));
      const other = clones.at(path.join(clones.top, 'linked'));
      await clone.git('worktree', 'add', '--quiet', '-b', 'feature', other.folder);
      await other.write('README.md', 'x');
      await other.commit();
      expectStopped(await other.push('origin', 'feature'), 'conf/local/mlflow.yml is missing');
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
      await clone.project('churn');
      await clone.breakIt('churn');
      await clone.commit();
      expectPushed(await clone.push('--no-verify', '--quiet', 'origin', 'main'));
      await clone.write('README.md', 'x');
      await clone.commit();
      const pushed = await clone.push('--quiet', 'origin', 'main');
      expectPushed(pushed);
      expect(pushed.stderr).to.equal('');
      await clone.project('fraud');
      await clone.commit();
      const other = await clone.push('origin', 'main');
      expectPushed(other, 'kdeploy checked fraud as committed: no problems.');
    });

    it('that deletes a branch, or a project', async () => {
      await clone.project('churn');
      await clone.breakIt('churn');
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
      await clone.project();
      await clone.breakIt();
      await clone.commit();
      expectPushed(await clone.push('--no-verify', '--quiet', 'origin', 'main'));
      await clone.git('tag', '-a', '-m', 'v1', 'v1');
      const pushed = await clone.push('--quiet', 'origin', 'main:same', 'v1');
      expectPushed(pushed);
      expect(pushed.stderr).to.equal('');
    });
  });

  describe('starts node', () => {
    beforeEach(async () => {
      await clone.project('churn');
      await clone.project('fraud');
      await clone.commit();
      expectPushed(await clone.push('--quiet', 'origin', 'main', 'main:old'), 'checked churn, fraud as committed');
      await clones.nodeStarts();
    });
    const expectStarts = async (number: number, ...push: string[]) => {
      const pushed = await clone.push('--quiet', 'origin', ...push);
      expectPushed(pushed);
      expect(await clones.nodeStarts(), pushed.stderr).to.equal(number);
      return pushed.stderr;
    };

    it('once for a change in a project, which alone is checked', async () => {
      await clone.write('fraud/conf/base/parameters.yml', 'a: 1\n');
      await clone.commit();
      expect(await expectStarts(1, 'main')).to.equal('kdeploy checked fraud as committed: no problems.');
    });

    it('not for words about the projects', async () => {
      await clone.write('docs/page.md', 'words');
      await clone.commit();
      expect(await expectStarts(0, 'main')).to.equal('');
    });

    it('not for a deletion', async () => {
      expect(await expectStarts(0, ':old')).to.equal('');
      expect(Object.keys(await clone.remoteRefs())).to.deep.equal(['HEAD', 'refs/heads/main']);
    });

    it('for a new branch, and finds that it brings nothing', async () => {
      await clone.write('docs/page.md', 'words');
      await clone.commit();
      expect(await expectStarts(1, 'main:new')).to.equal('');
    });
  });

  describe('is found by git', () => {
    beforeEach(async () => {
      await clone.project();
      await clone.commit();
    });
    const expectAtWork = async (place = clone) => {
      expectPushed(await place.push('origin', 'HEAD:main'), 'no problems');
      await place.breakIt();
      await place.commit();
      expectStopped(await place.push('origin', 'HEAD:main'), KEDRO_MLFLOW_MISSING);
    };

    it('where core.hooksPath is a folder of the repository, whose hook can be committed', async () => {
      await clone.kdeploy('hook', 'uninstall');
      await clone.git('config', 'core.hooksPath', 'tools/hooks');
      expect(await clone.install()).to.equal('tools/hooks/pre-push');
      const text = await readFile(path.join(clone.folder, 'tools/hooks/pre-push'), 'utf8');
      expect(text).to.contain("\nrecorded_node=''\nrecorded_kdeploy=''\n").and.to.not.contain(path.dirname(executable));
      await clone.write(
        'node_modules/kdeploy/bin/run.js',
        `import(${JSON.stringify(pathToFileURL(executable).href)});`,
      );
      await clone.write('.git/info/exclude', 'node_modules\n');
      await clone.commit();
      await expectAtWork();
    });

    it('where core.hooksPath serves all repositories of a user, with --force', async () => {
      await clone.kdeploy('hook', 'uninstall');
      const shared = path.join(clones.top, 'shared hooks');
      await clone.git('config', '--global', 'core.hooksPath', shared);
      const refused = await clone.kdeploy('hook', 'install');
      expect([refused.exitCode, refused.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('kdeploy hook install --force'),
      );
      expect(await clone.install('--force')).to.equal(path.join(shared, 'pre-push'));
      await expectAtWork();
    });

    it('in a linked work tree, in whichever of the two it was installed', async () => {
      await clone.kdeploy('hook', 'uninstall');
      const linked = clones.at(path.join(clones.top, 'linked'));
      await clone.git('worktree', 'add', '--quiet', '-b', 'feature', linked.folder);
      expect(await linked.install()).to.equal(path.join(clone.folder, '.git/hooks/pre-push'));
      await linked.write('conf/local/mlflow.yml', MLFLOW_YML);
      await linked.write('README.md', 'linked');
      await linked.commit();
      await expectAtWork(linked);
      await clone.breakIt();
      await clone.commit();
      expectStopped(await clone.push('origin', 'main:other'), KEDRO_MLFLOW_MISSING);
    });

    it('by a program with windows, on whose PATH is no node', async () => {
      clones.env.PATH = await clones.pathWithoutNode();
      await expectAtWork();
    });
  });

  describe('with a hook that was there before', () => {
    const THEIRS = `#!/bin/sh\ncat >"$0.lines"\necho "theirs: $*" >&2\nexit "$(cat "$0.code")"\n`;
    const theirs = '.git/hooks/pre-push';
    beforeEach(async () => {
      await clone.kdeploy('hook', 'uninstall');
      await clone.write(theirs, THEIRS, 0o755);
      await clone.install();
      await clone.write(`${theirs}.before-kdeploy.code`, '0');
      await clone.project();
      await clone.commit();
    });

    it('gives git’s lines to both, and either can stop the push', async () => {
      const url = `file://${clones.bare}`;
      expectPushed(await clone.push('origin', 'main', 'main:other'), `theirs: origin ${url}`, 'no problems');
      await clone.breakIt();
      const parent = (await clone.git('rev-parse', 'HEAD')).stdout;
      await clone.commit();
      const stopped = await clone.push('origin', 'main');
      expectStopped(stopped, KEDRO_MLFLOW_MISSING);
      // What it does, an upload it may be, is not done for a push that is stopped.
      expect(stopped.stderr).to.not.contain('theirs:');
      await clone.fixIt();
      const fixed = await clone.commit();
      await clone.write(`${theirs}.before-kdeploy.code`, '7');
      const refused = await clone.push('origin', 'main');
      expect(refused.exitCode).to.equal(1);
      expect(refused.stderr).to.contain('theirs: origin');
      expect(await readFile(path.join(clone.folder, `${theirs}.before-kdeploy.lines`), 'utf8')).to.equal(
        `refs/heads/main ${fixed} refs/heads/main ${parent}\n`,
      );
      expect((await clone.remoteRefs())['refs/heads/main']).to.equal(parent);
    });

    it('puts it back when the check is uninstalled', async () => {
      await clone.breakIt();
      await clone.commit();
      const { exitCode, stdout, stderr } = await clone.kdeploy('hook', 'uninstall');
      expect([exitCode, stdout.trim()], stderr).to.deep.equal([0, theirs]);
      expect(await readFile(path.join(clone.folder, theirs), 'utf8')).to.equal(THEIRS);
      await clone.write(`${theirs}.code`, '0');
      await clones.nodeStarts();
      expectPushed(await clone.push('origin', 'main'), 'theirs: origin');
      expect(await clones.nodeStarts()).to.equal(0);
    });
  });

  it('checks each of several refs, and the same commit once', async () => {
    await clone.project();
    const fine = await clone.commit();
    await clone.git('checkout', '--quiet', '-b', 'broken');
    await clone.breakIt();
    const broken = await clone.commit();
    const stopped = await clone.push('origin', 'main', 'main:same', 'broken');
    expectStopped(stopped, `In ${broken.slice(0, 12)} (broken):`);
    expect(stopped.stderr).to.not.contain(fine.slice(0, 12));
    expect(stopped.stderr.match(/kedro-mlflow is missing from/g)).to.have.length(1);
    expect(await clone.remoteRefs(), 'none of them is pushed').to.deep.equal({});
  });

  it('checks tags, annotated and light, and passes over those of files', async () => {
    await clone.project();
    await clone.breakIt();
    await clone.commit();
    await clone.git('tag', '-a', '-m', 'v1', 'annotated');
    await clone.git('tag', 'light');
    await clone.git('tag', 'file', 'HEAD:requirements.txt');
    expectStopped(await clone.push('origin', 'annotated'), KEDRO_MLFLOW_MISSING);
    expectStopped(await clone.push('origin', 'light'), KEDRO_MLFLOW_MISSING);
    expectPushed(await clone.push('origin', 'file'));
  });

  it('checks what a forced push brings, also over commits of somebody else', async () => {
    await clone.project();
    await clone.commit();
    expectPushed(await clone.push('origin', 'main'));
    const colleague = await clones.clone('colleague');
    await colleague.git('reset', '--quiet', '--hard', 'origin/main');
    await colleague.write('README.md', 'theirs');
    await colleague.write('conf/local/mlflow.yml', MLFLOW_YML);
    await colleague.commit();
    expectPushed(await colleague.push('origin', 'main'));
    await clone.breakIt();
    await clone.git('add', '.');
    await clone.git('commit', '--quiet', '--amend', '-m', 'amended');
    expectStopped(await clone.push('--force', 'origin', 'main'), KEDRO_MLFLOW_MISSING);
    await clone.fixIt();
    await clone.write('README.md', 'ours');
    await clone.git('add', '.');
    await clone.git('commit', '--quiet', '--amend', '-m', 'amended');
    expectPushed(await clone.push('--force', 'origin', 'main'), 'no problems');
  });

  it('does not blame a merge for what is on main, and does for what it made of it', async () => {
    await clone.project('churn');
    await clone.project('fraud');
    await clone.commit();
    expectPushed(await clone.push('origin', 'main'));
    await clone.git('checkout', '--quiet', '-b', 'feature');
    await clone.write('churn/README.md', 'x');
    await clone.commit();
    expectPushed(await clone.push('origin', 'feature'));
    await clone.git('checkout', '--quiet', 'main');
    await clone.breakIt('fraud');
    await clone.commit();
    expectPushed(await clone.push('--no-verify', 'origin', 'main'));
    await clone.git('checkout', '--quiet', 'feature');
    await clone.git('merge', '--quiet', '--no-edit', 'main');
    expectPushed(await clone.push('origin', 'feature'));
    await clone.breakIt('churn');
    await clone.commit();
    const stopped = await clone.push('origin', 'feature');
    expectStopped(stopped, 'churn/requirements.txt');
    expect(stopped.stderr).to.not.contain('fraud/');
  });

  it('works when the address is given instead of the remote’s name', async () => {
    await clone.project();
    await clone.commit();
    expectPushed(await clone.push(`file://${clones.bare}`, 'main'), 'no problems');
    await clone.git('fetch', '--quiet');
    await clone.write('README.md', 'x');
    await clone.commit();
    await clone.breakIt();
    await clone.commit();
    expectStopped(await clone.push(`file://${clones.bare}`, 'main:new'), KEDRO_MLFLOW_MISSING);
  });

  it('works in a shallow clone', async () => {
    await clone.project();
    for (const text of ['1', '2', '3']) {
      await clone.write('README.md', text);
      await clone.commit();
    }
    expectPushed(await clone.push('origin', 'main'));
    const shallow = await clones.clone('shallow', '--depth', '1');
    await shallow.write('conf/local/mlflow.yml', MLFLOW_YML);
    await shallow.write('README.md', 'shallow');
    await shallow.commit();
    expectPushed(await shallow.push('origin', 'HEAD:main'), 'no problems');
    await shallow.breakIt();
    await shallow.commit();
    expectStopped(await shallow.push('origin', 'HEAD:new'), KEDRO_MLFLOW_MISSING);
  });

  it('works in a submodule that is the project, and finds none of it in the repository around', async () => {
    await clone.project();
    await clone.commit();
    expectPushed(await clone.push('origin', 'main'));
    const outerRemote = path.join(clones.top, 'outer.git');
    await clones.git(clones.top, 'init', '--quiet', '--bare', outerRemote);
    await clones.git(clones.top, 'clone', '--quiet', outerRemote, path.join(clones.top, 'outer'));
    const outer = clones.at(path.join(clones.top, 'outer'));
    await outer.install();
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', `file://${clones.bare}`, 'app');
    const inner = clones.at(path.join(outer.folder, 'app'));
    await inner.install();
    await inner.breakIt();
    await inner.commit();
    expectStopped(await inner.push('origin', 'HEAD:main'), 'requirements.txt', 'conf/local/mlflow.yml');
    await outer.commit();
    const pushed = await outer.push('--quiet', 'origin', 'HEAD:main');
    expectPushed(pushed);
    expect(pushed.stderr).to.equal('');
  });

  it('works with the repository somewhere else than the files', async () => {
    await clone.project();
    await clone.commit();
    const apart = path.join(clones.top, 'apart');
    await execa('mv', [path.join(clone.folder, '.git'), apart]);
    const args = [`--git-dir=${apart}`, `--work-tree=${clone.folder}`, 'push', 'origin', 'main'];
    expectPushed(await clone.git(...args), 'no problems');
  });

  it('works with SHA-256', async () => {
    await rm(clones.bare, { recursive: true });
    await clones.git(clones.top, 'init', '--quiet', '--bare', '--object-format=sha256', clones.bare);
    const other = clones.at(path.join(clones.top, 'sha256'));
    await clones.git(clones.top, 'init', '--quiet', '--object-format=sha256', other.folder);
    await other.git('remote', 'add', 'origin', `file://${clones.bare}`);
    await other.install();
    await other.project();
    expect(await other.commit()).to.have.length(64);
    expectPushed(await other.push('origin', 'HEAD:main'), 'no problems');
    await other.breakIt();
    await other.commit();
    expectStopped(await other.push('origin', 'HEAD:main'), KEDRO_MLFLOW_MISSING);
  });

  it('gives the same as data with --json', async () => {
    await clone.project('churn');
    await clone.breakIt('churn');
    const commit = await clone.commit();
    const input = `refs/heads/main ${commit} refs/heads/main ${'0'.repeat(40)}\n`;
    const args = [executable, 'hook', 'run', 'origin', `file://${clones.bare}`, '--json'];
    const { exitCode, stdout } = await execa(process.execPath, args, {
      cwd: clone.folder,
      env: clones.env,
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
    const options = { cwd: clone.folder, env: clones.env, extendEnv: false, input: 'hello\n', reject: false } as const;
    const { exitCode, stderr } = await execa(process.execPath, [executable, 'hook', 'run'], options);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('line 1 of standard input').and.to.contain('next: ');
  });

  describe('in CI, where nobody pushes', () => {
    const job = async (command: string, variables: Record<string, string> = {}) =>
      execa('sh', ['-c', command.replace('kdeploy', `"${process.execPath}" "${executable}"`)], {
        cwd: clone.folder,
        env: { ...clones.env, ...variables },
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
      });

    it('the help’s own example checks what was pushed', async () => {
      const { examples } = (JSON.parse(await readFile('oclif.manifest.json', 'utf8')) as OclifManifest).commands[
        'hook:run'
      ];
      const [example] = examples.flatMap((each) => (typeof each === 'string' ? [] : [each.command]));
      const command = (example ?? '').replace('<%= config.bin %> <%= command.id %>', 'kdeploy hook run');
      await clone.project();
      await clone.write('conf/production/mlflow.yml', MLFLOW_YML);
      const before = await clone.commit();
      expectPushed(await clone.push('origin', 'HEAD:main'));
      await clone.breakIt();
      await clone.commit();
      expectPushed(await clone.push('--no-verify', 'origin', 'HEAD:main'));
      const { exitCode, stderr } = await job(command, { BEFORE: before });
      expect(exitCode, stderr).to.equal(1);
      expect(stderr).to.contain(KEDRO_MLFLOW_MISSING);
    });

    it('a job that gave it nothing to check does not pass', async () => {
      await clone.project();
      await clone.commit();
      expect((await job('kdeploy hook run </dev/null')).stderr).to.contain('kdeploy checked the project');
      expectPushed(await clone.push('origin', 'main'));
      const { exitCode, stderr } = await job('kdeploy hook run --no-local --env production </dev/null');
      expect(exitCode, stderr).to.equal(2);
      expect(stderr).to.contain('nothing was checked: every commit of main is already on origin');
      const [, next = ''] = /next: check one commit as a whole: (.*)/.exec(stderr) ?? [];
      expect((await job(next)).stdout).to.contain('[mlflow-config-exists]');
    });
  });

  it('asks Kedro about the commit, where only Kedro can read it', async () => {
    Object.assign(clones.env, environment().variables);
    await clone.project();
    // One `${…}` within another; that of the commit leads to one address, that of the disk to another one.
    await clone.write('conf/base/globals.yml', 'server: address\naddress: https://committed.example.com\n');
    await clone.write('conf/prod/mlflow.yml', 'server:\n  mlflow_tracking_uri: ${globals:${globals:server}}\n');
    await clone.commit();
    await clone.write('conf/base/globals.yml', 'server: address\naddress: https://disk.example.com\n');
    const args = ['check', '--commit', 'HEAD', '--env', 'prod', '--json'];
    const { stdout, stderr } = await clone.kdeploy(...args);
    const { projects } = JSON.parse(stdout) as { projects: { tracking: { uri: string } | null }[] };
    expect(projects[0]?.tracking?.uri, stderr + stdout).to.equal('https://committed.example.com');
    expect(await readFile(path.join(clone.folder, 'conf/base/globals.yml'), 'utf8')).to.contain('disk');
  });
});

interface OclifManifest {
  readonly commands: { readonly 'hook:run': { readonly examples: (string | { readonly command: string })[] } };
}
