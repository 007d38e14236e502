import { expect } from 'chai';
import { readCommits, type Commits } from '../../../../src/git/commits.js';
import { gitOfFolder } from '../../../../src/git/git.js';
import type { RefUpdate } from '../../../../src/git/pre-push-lines.js';
import { pushedCommits } from '../../../../src/hook/push/pushed-commits.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryRepository } from '../../git/temporary-repository.js';

const ELSEWHERE = '12'.repeat(20);

describe('the commits that a push brings', () => {
  let repository: TemporaryRepository;
  let commits: Commits;
  let first: string;
  let second: string;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    commits = readCommits(gitOfFolder(repository.root));
    first = await repository.commit('a');
    second = await repository.commit('b');
  });
  afterEach(async () => {
    await commits.close();
    await repository.remove();
  });

  const update = (localId: string | undefined, remoteId?: string, remoteRef = 'refs/heads/main'): RefUpdate => ({
    localRef: 'refs/heads/main',
    localId,
    remoteRef,
    remoteId,
  });
  const ask = async (updates: RefUpdate[], remote = 'origin') => {
    const push = await pushedCommits(gitOfFolder(repository.root), commits, { updates, remote });
    return { commits: push.commits.map(({ id, refs }) => [id, ...refs]), bases: push.bases };
  };
  const treeOf = (revision: string) => repository.git('rev-parse', `${revision}^{tree}`);

  it('build on what the remote has under that name', async () => {
    expect(await ask([update(second, first)])).to.deep.equal({
      commits: [[second, 'refs/heads/main']],
      bases: [await treeOf(first)],
    });
  });

  it('build on the tracking branches, where somebody else pushed what is not here', async () => {
    await repository.git('update-ref', 'refs/remotes/origin/main', first);
    expect(await ask([update(second, ELSEWHERE)])).to.deep.equal({
      commits: [[second, 'refs/heads/main']],
      bases: [await treeOf(first)],
    });
  });

  it('build on nothing, where nothing is known', async () => {
    expect(await ask([update(second, ELSEWHERE)])).to.deep.equal({ commits: [[second, 'refs/heads/main']], bases: [] });
  });

  it('are one for several refs', async () => {
    await repository.git('tag', '-a', '-m', 'v1', 'v1');
    const tag = await repository.git('rev-parse', 'v1');
    expect((await ask([update(second), update(tag, undefined, 'refs/tags/v1')])).commits).to.deep.equal([
      [second, 'refs/heads/main', 'refs/tags/v1'],
    ]);
  });

  it('are none for deletions, and for tags of anything but a commit', async () => {
    const blob = await repository.git('rev-parse', 'HEAD:a');
    const tree = await repository.git('rev-parse', 'HEAD^{tree}');
    expect((await ask([update(undefined, first), update(blob), update(tree)])).commits).to.deep.equal([]);
  });

  it('are none, where the remote has them already', async () => {
    expect((await ask([update(first, second)])).commits, 'back to an earlier one').to.deep.equal([]);
    await repository.git('update-ref', 'refs/remotes/origin/other', second);
    expect((await ask([update(second)])).commits, 'a new branch of an old commit').to.deep.equal([]);
  });

  it('are none for a push into the same repository, which sends nothing anywhere', async () => {
    expect((await ask([update(second)], '.')).commits).to.deep.equal([]);
  });

  it('cannot be told of a commit that is not here', async () => {
    const error = await rejection(ask([update(ELSEWHERE)]));
    expect(error.message).to.contain(ELSEWHERE);
    expect(error.hint).to.contain('repository');
  });
});
