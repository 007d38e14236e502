import { expect } from 'chai';
import { folderInRepository } from '../../../src/git/repository-root.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('where a folder lies in its repository', () => {
  let repository: TemporaryRepository;
  before(async () => {
    repository = await TemporaryRepository.create();
    await repository.commit('services/churn/pyproject.toml');
  });
  after(() => repository.remove());

  it('is the way down from the root, with forward slashes', async () => {
    expect(await folderInRepository(`${repository.root}/services/churn`)).to.equal('services/churn');
    expect(await folderInRepository(`${repository.root}/services/churn/`)).to.equal('services/churn');
  });

  it('is empty at the root itself', async () => {
    expect(await folderInRepository(repository.root)).to.equal('');
  });

  it('is seen from the nearest repository: a worktree, whose .git is a file', async () => {
    await repository.git('worktree', 'add', '--quiet', 'trees/one');
    expect(await folderInRepository(`${repository.root}/trees/one/services/churn`)).to.equal('services/churn');
  });

  it('is empty where there is no repository', async () => {
    const folder = await TemporaryFolder.create();
    await folder.write({ 'a/b': '' });
    expect(await folderInRepository(folder.file('a'))).to.equal('');
    await folder.remove();
  });
});
