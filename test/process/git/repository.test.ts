import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { readRepository } from '../../../src/git/repository.js';
import { TemporaryRepository, temporaryFolder } from './temporary-repository.js';

describe('a git repository', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
  });
  afterEach(() => repository.remove());

  it('tells root, commit and branch', async () => {
    const revision = await repository.commit('a.txt');
    expect(await readRepository(repository.root)).to.deep.equal({
      root: repository.root,
      revision,
      shortRevision: revision.slice(0, 12),
      branch: 'main',
      dirty: false,
      remoteUrl: undefined,
    });
  });

  it('tells its root to a folder in it', async () => {
    await repository.commit('pipelines/churn/pyproject.toml');
    expect((await readRepository(join(repository.root, 'pipelines/churn')))?.root).to.equal(repository.root);
  });

  it('has no revision before the first commit', async () => {
    const read = await readRepository(repository.root);
    expect([read?.revision, read?.shortRevision, read?.branch]).to.deep.equal([undefined, undefined, 'main']);
  });

  it('has no branch when a commit is checked out', async () => {
    const revision = await repository.commit('a.txt');
    await repository.git('checkout', '--quiet', '--detach');
    const read = await readRepository(repository.root);
    expect([read?.revision, read?.branch]).to.deep.equal([revision, undefined]);
  });

  it('has branches with slashes', async () => {
    await repository.git('checkout', '--quiet', '-b', 'feature/new-model');
    expect((await readRepository(repository.root))?.branch).to.equal('feature/new-model');
  });

  describe('is dirty', () => {
    const project = () => join(repository.root, 'project');
    const isDirty = async () => (await readRepository(project()))?.dirty;

    beforeEach(async () => {
      await repository.write('.gitignore', '*.log\n');
      await repository.commit('project/a.txt');
    });

    it('with a changed file', async () => {
      await repository.write('project/a.txt', 'other');
      expect(await isDirty()).to.equal(true);
    });

    it('with a new file, for the build would copy it', async () => {
      await repository.write('project/b.txt', 'new');
      expect(await isDirty()).to.equal(true);
    });

    it('with a new file even where git was told not to show such', async () => {
      await repository.git('config', 'status.showUntrackedFiles', 'no');
      await repository.write('project/b.txt', 'new');
      expect(await isDirty()).to.equal(true);
    });

    it('with a deleted file', async () => {
      await rm(join(project(), 'a.txt'));
      await mkdir(project(), { recursive: true });
      expect(await isDirty()).to.equal(true);
    });

    it('not with a file that git ignores', async () => {
      await repository.write('project/run.log', 'x');
      expect(await isDirty()).to.equal(false);
    });

    it('not with what changed in another project of the repository', async () => {
      await repository.write('other/b.txt', 'new');
      expect(await isDirty()).to.equal(false);
    });
  });

  describe('names its remote', () => {
    it('origin before others, without user and password', async () => {
      await repository.git('remote', 'add', 'backup', 'https://example.com/backup.git');
      await repository.git('remote', 'add', 'origin', 'https://me:hunter2@github.com/acme/app.git');
      expect((await readRepository(repository.root))?.remoteUrl).to.equal('https://github.com/acme/app.git');
    });

    it('or the first where there is no origin', async () => {
      await repository.git('remote', 'add', 'upstream', 'git@github.com:acme/app.git');
      expect((await readRepository(repository.root))?.remoteUrl).to.equal('ssh://github.com/acme/app.git');
    });
  });

  it('is the one of the folder, whatever a git hook has in its environment', async () => {
    const revision = await repository.commit('a.txt');
    process.env.GIT_DIR = '/nonexistent';
    try {
      expect((await readRepository(repository.root))?.revision).to.equal(revision);
    } finally {
      delete process.env.GIT_DIR;
    }
  });

  it('is not locked by reading', async () => {
    await repository.commit('a.txt');
    await repository.write('.git/index.lock', '');
    expect((await readRepository(repository.root))?.branch).to.equal('main');
  });

  it('that belongs to someone else is an error with the command that fixes it', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await repository.commit('a.txt');
    await chown(join(repository.root, '.git'), 12_345, 12_345);
    await chown(repository.root, 12_345, 12_345);
    const error: unknown = await readRepository(repository.root).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KdeployError);
    expect((error as KdeployError).hint).to.contain(`git config --global --add safe.directory '${repository.root}'`);
  });
});

describe('a folder', () => {
  it('in no repository gives none', async () => {
    const folder = await temporaryFolder();
    try {
      expect(await readRepository(folder)).to.equal(undefined);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('that is not there gives none', async () => {
    expect(await readRepository('/nonexistent/folder')).to.equal(undefined);
  });

  it('gives none on a machine without git', async () => {
    const repository = await TemporaryRepository.create();
    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      expect(await readRepository(repository.root)).to.equal(undefined);
    } finally {
      process.env.PATH = path;
      await repository.remove();
    }
  });
});
