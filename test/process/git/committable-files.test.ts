import { join } from 'node:path';
import { expect } from 'chai';
import { committableFiles } from '../../../src/git/committable-files.js';
import { workTree } from '../../../src/project/sources/work-tree.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('the project as a clone will have it', () => {
  let repository: TemporaryRepository;
  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    await repository.write('.gitignore', 'local/\n');
    await repository.write('a project/conf/local/mlflow.yml', 'secret');
    await repository.write('a project/conf/base/ünicode name.yml', 'new');
    await repository.write('outside.yml', 'outside');
  });
  afterEach(() => repository.remove());

  const source = () => {
    const root = join(repository.root, 'a project');
    return committableFiles(root, workTree(root));
  };

  it('has what is committed, and what is new, by the paths of the project', async () => {
    await repository.commit('a project/conf/base/catalog.yml');
    const files = await source();
    expect(await files.list('conf')).to.deep.equal(['conf/base/catalog.yml', 'conf/base/ünicode name.yml']);
    expect((await files.read('conf/base/ünicode name.yml'))?.toString()).to.equal('new');
  });

  it('lacks what git ignores', async () => {
    expect(await (await source()).read('conf/local/mlflow.yml')).to.equal(undefined);
  });

  it('has an ignored file that somebody has added anyway', async () => {
    await repository.git('add', '--force', 'a project/conf/local/mlflow.yml');
    expect((await (await source()).read('conf/local/mlflow.yml'))?.toString()).to.equal('secret');
  });

  it('is all of the folder outside of git', async () => {
    const empty = { read: () => Promise.resolve(Buffer.from('x')), list: () => Promise.resolve(['y']) };
    expect(await (await committableFiles('/', empty)).list('')).to.deep.equal(['y']);
  });
});
