import { expect } from 'chai';
import { gitOfFolder } from '../../../src/git/git.js';
import { untrackedFiles } from '../../../src/git/untracked-files.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('files that git does not have', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    await repository.write('.gitignore', 'conf/local/**\n*.log\n');
    await repository.commit('conf/prod/tracked.yml');
    for (const file of ['conf/local/mlflow.yml', 'conf/local/deep/globals.yml', 'conf/prod/new.yml', 'conf/prod/a.log'])
      await repository.write(file, '');
  });
  afterEach(() => repository.remove());

  const ask = (folders: string[], unlessIgnored: boolean) =>
    untrackedFiles(gitOfFolder(repository.root), folders, { unlessIgnored });

  it('are those that it ignores', async () => {
    expect(await ask(['conf/local'], false)).to.have.members(['conf/local/mlflow.yml', 'conf/local/deep/globals.yml']);
    expect(await ask(['conf/prod'], false)).to.deep.equal(['conf/prod/a.log']);
  });

  it('are also those that nobody told it about, where that is asked for', async () => {
    expect(await ask(['conf/prod'], true)).to.have.members(['conf/prod/a.log', 'conf/prod/new.yml']);
  });

  it('are none in a folder that is not there, and in no folder at all', async () => {
    expect(await ask(['nowhere'], true)).to.deep.equal([]);
    expect(await ask([], true)).to.deep.equal([]);
  });

  it('are looked for in the folder that has the name, were it a pattern', async () => {
    await repository.write('*/mlflow.yml', '');
    expect(await ask(['*'], true)).to.deep.equal(['*/mlflow.yml']);
  });

  it('are those of a thousand folders', async () => {
    const folders = Array.from({ length: 1000 }, (_, index) => `app-${index}/conf/local`);
    await repository.write('app-999/conf/local/mlflow.yml', '');
    expect(await ask(folders, true)).to.deep.equal(['app-999/conf/local/mlflow.yml']);
  });
});
