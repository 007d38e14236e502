import { expect } from 'chai';
import { defaultBranch } from '../../../src/git/default-branch.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('the default branch', () => {
  let repository: TemporaryRepository;
  beforeEach(async () => {
    repository = await TemporaryRepository.create();
  });
  afterEach(() => repository.remove());

  it('is what the clone says of its origin, whatever is checked out', async () => {
    await repository.commit('a');
    await repository.git('branch', 'develop');
    await repository.git('update-ref', 'refs/remotes/origin/develop', 'HEAD');
    await repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/develop');
    expect(await defaultBranch(repository.root)).to.equal('develop');
  });

  it('is master where there is one, though a feature is checked out', async () => {
    await repository.git('checkout', '--quiet', '-b', 'master');
    await repository.commit('a');
    await repository.git('checkout', '--quiet', '-b', 'feature/x');
    expect(await defaultBranch(repository.root)).to.equal('master');
  });

  it('is main before master', async () => {
    await repository.commit('a');
    await repository.git('checkout', '--quiet', '-b', 'master');
    expect(await defaultBranch(repository.root)).to.equal('main');
  });

  it('is master of the origin where only a feature is here', async () => {
    await repository.git('checkout', '--quiet', '-b', 'feature');
    await repository.commit('a');
    await repository.git('update-ref', 'refs/remotes/origin/master', 'HEAD');
    expect(await defaultBranch(repository.root)).to.equal('master');
  });

  it('is the branch that is checked out where none of these is there, also before the first commit', async () => {
    await repository.git('checkout', '--quiet', '-b', 'trunk');
    expect(await defaultBranch(repository.root)).to.equal('trunk');
  });

  it('is unknown for a commit without any branch, and outside of a repository', async () => {
    const commit = await repository.commit('a');
    await repository.git('checkout', '--quiet', '--detach', commit);
    await repository.git('branch', '--quiet', '-D', 'main');
    expect(await defaultBranch(repository.root)).to.equal(undefined);
    expect(await defaultBranch('/')).to.equal(undefined);
  });
});
