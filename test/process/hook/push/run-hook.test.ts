import { expect } from 'chai';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runHook, type HookOptions } from '../../../../src/hook/push/run-hook.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryRepository, temporaryFolder } from '../../git/temporary-repository.js';
import { commitProject } from '../projects.js';

const NONE = '0'.repeat(40);

describe('the hook', () => {
  let repository: TemporaryRepository;
  let commit: string;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    commit = await commitProject(repository, 'churn');
  });
  afterEach(() => repository.remove());

  const run = (options: Partial<HookOptions>) =>
    runHook({
      input: undefined,
      folder: repository.root,
      env: 'local',
      useWorkTree: true,
      environment: { PATH: process.env.PATH },
      ...options,
    });

  it('checks what git writes to it', async () => {
    const input = `refs/heads/main ${commit} refs/heads/main ${NONE}\n`;
    const { checked } = await run({ input, remote: 'origin' });
    expect(checked.map(({ folder }) => folder)).to.deep.equal(['churn']);
  });

  it('checks by hand what is not pushed yet', async () => {
    const { checked } = await run({});
    expect(checked.map(({ folder, refs }) => [folder, ...refs])).to.deep.equal([['churn', 'refs/heads/main']]);
    await repository.git('update-ref', 'refs/remotes/origin/main', commit);
    expect(await run({})).to.deep.equal({
      checked: [],
      caller: 'terminal',
      reason: 'every commit of main is already on origin; nothing to check.',
    });
    await repository.git('remote', 'add', 'other', 'https://example.com/other');
    expect((await run({ remote: 'other' })).checked, 'which has nothing of it').to.have.length(1);
  });

  it('starts no git for a push that only deletes', async () => {
    const during = { url: 'https://example.com/a', environment: { PATH: '/nonexistent' } };
    const { checked } = await run({ input: `(delete) ${NONE} refs/heads/old ${commit}\n`, ...during });
    expect(checked).to.deep.equal([]);
    const error = await rejection(run({ input: `HEAD ${commit} refs/heads/main ${NONE}\n`, ...during }));
    expect(error.code).to.equal('tool-missing');
  });

  describe('without a line on stdin', () => {
    const INPUTS = ['', '\n'];

    it('checks for a script what is not pushed yet, as in a terminal', async () => {
      for (const input of INPUTS) {
        const { checked, caller } = await run({ input });
        expect([caller, ...checked.map(({ folder }) => folder)]).to.deep.equal(['script', 'churn']);
      }
    });

    it('checks during a push what is not pushed yet, since a hook manager may have kept the lines for itself', async () => {
      const during = { input: '', remote: 'origin', url: 'https://example.com/a' };
      await repository.git('remote', 'add', 'origin', during.url);
      expect((await run(during)).checked).to.have.length(1);
      await repository.git('update-ref', 'refs/remotes/origin/main', commit);
      expect(await run(during), 'a push of nothing').to.deep.equal({ checked: [], caller: 'git' });
    });

    it('does not let a script pass where everything is pushed already', async () => {
      await repository.git('update-ref', 'refs/remotes/origin/main', commit);
      for (const input of INPUTS) {
        const { code, message, hint } = await rejection(run({ input }));
        expect([code, message]).to.deep.equal([
          'usage',
          'nothing was checked: every commit of main is already on origin',
        ]);
        expect(hint).to.contain('kdeploy check --commit HEAD --no-local');
      }
    });

    it('does not let a script pass in a repository without commits, without a project, or in none', async () => {
      const other = await TemporaryRepository.create();
      try {
        expect((await rejection(run({ input: '', folder: other.root }))).message).to.equal(
          'nothing was checked: the repository has no commits yet',
        );
        await other.commit('README.md');
        for (const input of ['', undefined]) {
          const error = await rejection(run({ input, folder: other.root }));
          expect([error.code, error.message]).to.deep.equal([
            'not-a-project',
            'the commits to push contain no Kedro project: nothing was checked',
          ]);
        }
        await rm(join(other.root, '.git'), { recursive: true });
        expect((await rejection(run({ input: '', folder: other.root }))).code).to.equal('usage');
      } finally {
        await other.remove();
      }
    });

    it('lets a script pass where the new commits change no project, and says so', async () => {
      await repository.git('update-ref', 'refs/remotes/origin/main', commit);
      await repository.commit('README.md');
      expect((await run({ input: '' })).reason).to.equal('the commits to push change no Kedro project.');
      expect((await run({})).reason).to.equal('the commits to push change no Kedro project.');
    });
  });

  it('goes by the lines alone where no remote is named, as in CI, whose clone has what was pushed', async () => {
    await commitProject(repository, 'sales');
    const head = await repository.git('rev-parse', 'HEAD');
    await repository.git('update-ref', 'refs/remotes/origin/main', head);
    const input = `HEAD ${head} refs/heads/main ${commit}\n`;
    expect((await run({ input })).checked.map(({ folder }) => folder)).to.deep.equal(['sales']);
    const error = await rejection(run({ input, remote: 'origin' }));
    expect(error.message).to.equal('nothing was checked: every commit of HEAD is already on origin');
  });

  it('is the one of the repository that git names, when it is not given a folder', async () => {
    // As from a repository whose folder is elsewhere: git --git-dir=… --work-tree=… push.
    const elsewhere = await temporaryFolder();
    await rename(join(repository.root, '.git'), join(elsewhere, 'git'));
    const environment = { PATH: process.env.PATH, GIT_DIR: join(elsewhere, 'git'), GIT_WORK_TREE: repository.root };
    const own = { environment, currentFolder: repository.root };
    const { checked } = await run({ folder: undefined, ...own });
    expect([checked[0]?.folder, checked[0]?.findings]).to.deep.equal(['churn', []]);
    await rm(elsewhere, { recursive: true });
  });

  it('reads nothing from disk with useWorkTree: false', async () => {
    const { checked } = await run({ useWorkTree: false });
    expect(checked[0]?.findings.map(({ rule }) => rule)).to.deep.equal(['mlflow-config-exists']);
  });

  it('works in a bare repository, which has no disk to read from', async () => {
    const bare = await TemporaryRepository.create('--bare');
    try {
      await bare.git('fetch', '--quiet', repository.root, 'main:main');
      // As git itself starts it there.
      const environment = { PATH: process.env.PATH, GIT_DIR: '.' };
      const { checked } = await run({ folder: undefined, currentFolder: bare.root, environment });
      expect(checked[0]?.findings.map(({ rule }) => rule)).to.deep.equal(['mlflow-config-exists']);
    } finally {
      await bare.remove();
    }
  });

  it('checks what the pre-commit framework says in variables, since it keeps git’s lines for itself', async () => {
    const framework = {
      PATH: process.env.PATH,
      PRE_COMMIT_REMOTE_NAME: 'origin',
      PRE_COMMIT_LOCAL_BRANCH: 'refs/heads/main',
      PRE_COMMIT_REMOTE_BRANCH: 'refs/heads/production',
    };
    for (const ids of [{ PRE_COMMIT_TO_REF: commit, PRE_COMMIT_FROM_REF: `${commit}^` }, {}]) {
      const { checked } = await run({ input: '', environment: { ...framework, ...ids } });
      expect(checked.map(({ folder, refs }) => [folder, ...refs])).to.deep.equal([['churn', 'refs/heads/production']]);
    }
    const known = { PRE_COMMIT_TO_REF: commit, PRE_COMMIT_FROM_REF: commit };
    expect((await run({ input: '', environment: { ...framework, ...known } })).checked).to.deep.equal([]);
  });

  it('refuses input of another form before it looks at anything', async () => {
    await rm(join(repository.root, '.git'), { recursive: true });
    expect((await rejection(run({ input: 'hello\n' }))).code).to.equal('usage');
  });
});
