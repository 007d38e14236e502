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
    expect((await run({ input, remote: 'origin' })).map(({ folder }) => folder)).to.deep.equal(['churn']);
  });

  it('checks by hand what is not pushed yet', async () => {
    expect((await run({})).map(({ folder, refs }) => [folder, ...refs])).to.deep.equal([['churn', 'refs/heads/main']]);
    await repository.git('update-ref', 'refs/remotes/origin/main', commit);
    expect(await run({})).to.deep.equal([]);
    await repository.git('remote', 'add', 'other', 'https://example.com/other');
    expect(await run({ remote: 'other' }), 'which has nothing of it').to.have.length(1);
  });

  it('starts no git for a push of nothing, or one that only deletes', async () => {
    const without = { environment: { PATH: '/nonexistent' } };
    for (const input of ['', `(delete) ${NONE} refs/heads/old ${commit}\n`])
      expect(await run({ input, ...without })).to.deep.equal([]);
    const error = await rejection(run({ input: `HEAD ${commit} refs/heads/main ${NONE}\n`, ...without }));
    expect(error.code).to.equal('tool-missing');
  });

  it('is the one of the repository that git names, when it is not given a folder', async () => {
    // As from a repository whose folder is elsewhere: git --git-dir=… --work-tree=… push.
    const elsewhere = await temporaryFolder();
    await rename(join(repository.root, '.git'), join(elsewhere, 'git'));
    const environment = { PATH: process.env.PATH, GIT_DIR: join(elsewhere, 'git'), GIT_WORK_TREE: repository.root };
    const own = { environment, currentFolder: repository.root };
    const [checked] = await run({ folder: undefined, ...own });
    expect([checked?.folder, checked?.findings]).to.deep.equal(['churn', []]);
    await rm(elsewhere, { recursive: true });
  });

  it('reads nothing from disk with useWorkTree: false', async () => {
    const [checked] = await run({ useWorkTree: false });
    expect(checked?.findings.map(({ rule }) => rule)).to.deep.equal(['mlflow-config-exists']);
  });

  it('works in a bare repository, which has no disk to read from', async () => {
    const bare = await TemporaryRepository.create('--bare');
    try {
      await bare.git('fetch', '--quiet', repository.root, 'main:main');
      const [checked] = await run({ folder: bare.root });
      expect(checked?.findings.map(({ rule }) => rule)).to.deep.equal(['mlflow-config-exists']);
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
      const checked = await run({ input: '', environment: { ...framework, ...ids } });
      expect(checked.map(({ folder, refs }) => [folder, ...refs])).to.deep.equal([['churn', 'refs/heads/production']]);
    }
    const known = { PRE_COMMIT_TO_REF: commit, PRE_COMMIT_FROM_REF: commit };
    expect(await run({ input: '', environment: { ...framework, ...known } })).to.deep.equal([]);
  });

  it('refuses input of another form before it looks at anything', async () => {
    await rm(join(repository.root, '.git'), { recursive: true });
    expect((await rejection(run({ input: 'hello\n' }))).code).to.equal('usage');
  });
});
