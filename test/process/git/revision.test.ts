import { expect } from 'chai';
import { gitOfFolder } from '../../../src/git/git.js';
import { commitOfRevision } from '../../../src/git/revision.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('a revision', () => {
  let repository: TemporaryRepository;
  let first: string;
  let second: string;

  before(async () => {
    repository = await TemporaryRepository.create();
    first = await repository.commit('a');
    second = await repository.commit('b');
    await repository.git('tag', '-a', '-m', 'v1', 'v1', first);
  });
  after(() => repository.remove());

  it('is whatever git understands', async () => {
    const git = gitOfFolder(repository.root);
    for (const [revision, id] of [
      ['HEAD', second],
      ['main~1', first],
      ['v1', first],
      [second.slice(0, 8), second],
      [':/b', second],
    ] as const)
      expect(await commitOfRevision(git, revision), revision).to.equal(id);
  });

  it('that git does not know, or that is no commit, is a usage error', async () => {
    for (const revision of ['nowhere', 'HEAD:a', '', '--all', '-h', 'HEAD\nHEAD', 'f'.repeat(40)]) {
      const error = await rejection(commitOfRevision(gitOfFolder(repository.root), revision));
      expect(error.code, revision).to.equal('usage');
      expect(error.message).to.contain(JSON.stringify(revision));
    }
  });
});
