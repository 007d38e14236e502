import { expect } from 'chai';
import { gitOfFolder } from '../../../src/git/git.js';
import { newCommits, type NewCommitsOptions } from '../../../src/git/new-commits.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('the commits that a remote lacks', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
  });
  afterEach(() => repository.remove());

  const ask = async (given: Partial<NewCommitsOptions>) => {
    const { pushed, bases } = await newCommits(gitOfFolder(repository.root), {
      pushed: [],
      known: [],
      remotes: ['origin'],
      ...given,
    });
    return { pushed: [...pushed].sort(), bases: [...bases].sort() };
  };
  const isOnRemote = (id: string, branch = 'main') => repository.git('update-ref', `refs/remotes/origin/${branch}`, id);

  it('are all, where nothing was ever pushed', async () => {
    await repository.commit('a');
    const head = await repository.commit('b');
    expect(await ask({ pushed: [head] })).to.deep.equal({ pushed: [head], bases: [] });
  });

  it('build on what its tracking branches have', async () => {
    const base = await repository.commit('a');
    await isOnRemote(base);
    await repository.commit('b');
    const head = await repository.commit('c');
    expect(await ask({ pushed: [head] })).to.deep.equal({ pushed: [head], bases: [base] });
  });

  it('are none, where a tracking branch has the commit or one after it', async () => {
    const [first, second] = [await repository.commit('a'), await repository.commit('b')];
    await isOnRemote(second);
    expect(await ask({ pushed: [first, second] })).to.deep.equal({ pushed: [], bases: [] });
  });

  it('are told by what the push says the remote has, where there is no tracking branch', async () => {
    const base = await repository.commit('a');
    const head = await repository.commit('b');
    expect(await ask({ pushed: [head], known: [base], remotes: [] })).to.deep.equal({ pushed: [head], bases: [base] });
  });

  it('are compared with what they replace as well, when a branch is written anew', async () => {
    const base = await repository.commit('a');
    const old = await repository.commit('b');
    await repository.git('commit', '--quiet', '--amend', '-m', 'other words');
    const head = await repository.git('rev-parse', 'HEAD');
    expect(await ask({ pushed: [head], known: [old] })).to.deep.equal({ pushed: [head], bases: [base, old].sort() });
  });

  it('build on both sides of a merge', async () => {
    const base = await repository.commit('a');
    await repository.git('checkout', '--quiet', '-b', 'feature');
    const feature = await repository.commit('b');
    await repository.git('checkout', '--quiet', 'main');
    const main = await repository.commit('c');
    await repository.git('checkout', '--quiet', 'feature');
    await repository.git('merge', '--quiet', '--no-edit', 'main');
    const merge = await repository.git('rev-parse', 'HEAD');
    await isOnRemote(main);
    await isOnRemote(feature, 'feature');
    expect(base).to.not.equal(main);
    expect(await ask({ pushed: [merge] })).to.deep.equal({ pushed: [merge], bases: [main, feature].sort() });
  });

  it('are not told by another remote, whose branches this one need not have', async () => {
    const base = await repository.commit('a');
    await repository.git('update-ref', 'refs/remotes/backup/main', base);
    expect(await ask({ pushed: [base] })).to.deep.equal({ pushed: [base], bases: [] });
    expect(await ask({ pushed: [base], remotes: ['backup'] })).to.deep.equal({ pushed: [], bases: [] });
  });

  it('build on twenty commits at most, each of which costs a comparison', async () => {
    const root = await repository.commit('a');
    const sides: string[] = [];
    for (let index = 0; index < 25; index++)
      sides.push(await repository.git('commit-tree', '-p', root, '-m', String(index), 'HEAD^{tree}'));
    for (const [index, side] of sides.entries()) await isOnRemote(side, `b${index}`);
    const head = await repository.git(
      'commit-tree',
      ...sides.flatMap((side) => ['-p', side]),
      '-m',
      'all',
      'HEAD^{tree}',
    );
    const { pushed, bases } = await ask({ pushed: [head] });
    expect(pushed).to.deep.equal([head]);
    expect(bases).to.have.length(20);
    expect(sides).to.include.members(bases);
  });

  it('cannot be told where git fails, and its words say why', async () => {
    const error = await rejection(ask({ pushed: ['12'.repeat(20)] }));
    expect(error.message).to.contain('git could not list the commits of the push');
    expect(error.message).to.contain('12'.repeat(20));
  });
});
