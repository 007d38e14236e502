import { expect } from 'chai';
import { readCommits, type Commits } from '../../../src/git/commits.js';
import { gitOfFolder } from '../../../src/git/git.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('the commits of a repository', () => {
  let repository: TemporaryRepository;
  let commits: Commits;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    commits = readCommits(gitOfFolder(repository.root));
  });
  afterEach(async () => {
    await commits.close();
    await repository.remove();
  });

  it('are found by their id, and by that of a tag of a tag', async () => {
    const id = await repository.commit('a.txt');
    await repository.git('tag', '-a', '-m', 'inner', 'inner');
    await repository.git('tag', '-a', '-m', 'outer', 'outer', 'inner');
    const expected = { id, tree: await repository.git('rev-parse', 'HEAD^{tree}') };
    expect(await commits.find(id)).to.deep.equal(expected);
    expect(await commits.find(await repository.git('rev-parse', 'outer'))).to.deep.equal(expected);
  });

  it('are not blobs, trees, tags of those, and what is not there', async () => {
    await repository.commit('a.txt');
    await repository.git('tag', '-a', '-m', 'x', 'tag-of-blob', 'HEAD:a.txt');
    const others = ['HEAD:a.txt', 'HEAD^{tree}', 'tag-of-blob'];
    for (const other of others) {
      const id = await repository.git('rev-parse', other);
      expect(await commits.find(id), other).to.equal(undefined);
      expect(await commits.exists(id), other).to.equal(true);
    }
    expect(await commits.find('12'.repeat(20))).to.equal(undefined);
    expect(await commits.exists('12'.repeat(20))).to.equal(false);
  });

  it('are those that a push sends, and not what git replace shows instead of them', async () => {
    const [first, second] = [await repository.commit('a.txt'), await repository.commit('b.txt')];
    await repository.git('replace', second, first);
    expect((await commits.find(second))?.id).to.equal(second);
    expect([...(await commits.tree((await commits.find(second))!.tree)).keys()]).to.deep.equal(['a.txt', 'b.txt']);
  });

  it('with an object that is not here, as in a partial clone, give an error that says how to get it', async () => {
    const error = await rejection(commits.blob('12'.repeat(20), 10));
    expect(error.message).to.contain('12'.repeat(20));
    expect(error.hint).to.contain('partial clone');
  });
});
