import { expect } from 'chai';
import { gitOfFolder } from '../../../src/git/git.js';
import { unpushedBranch } from '../../../src/git/unpushed.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('what git push would send', () => {
  let repository: TemporaryRepository;
  beforeEach(async () => {
    repository = await TemporaryRepository.create();
  });
  afterEach(() => repository.remove());
  const ask = () => unpushedBranch(gitOfFolder(repository.root));

  it('is nothing before the first commit', async () => {
    expect(await ask()).to.deep.equal({ updates: [], remote: 'origin' });
  });

  it('is the branch that is checked out', async () => {
    await repository.commit('a');
    await repository.git('branch', 'another');
    const id = await repository.commit('b');
    const main = { localRef: 'refs/heads/main', localId: id, remoteRef: 'refs/heads/main', remoteId: undefined };
    expect(await ask()).to.deep.equal({ updates: [main], remote: 'origin' });
  });

  it('is the commit, where no branch is', async () => {
    const id = await repository.commit('a');
    await repository.git('checkout', '--quiet', '--detach');
    expect((await ask()).updates).to.deep.equal([
      { localRef: 'HEAD', localId: id, remoteRef: 'HEAD', remoteId: undefined },
    ]);
  });

  it('goes to the remote that the branch is pushed to, else to the one it is pulled from', async () => {
    await repository.commit('a');
    for (const name of ['upstream', 'fork']) await repository.git('remote', 'add', name, `https://example.com/${name}`);
    await repository.git('config', 'branch.main.remote', 'upstream');
    await repository.git('config', 'branch.main.merge', 'refs/heads/main');
    expect((await ask()).remote).to.equal('upstream');
    await repository.git('config', 'branch.main.pushRemote', 'fork');
    expect((await ask()).remote).to.equal('fork');
  });

  it('goes to the remote that is named, which must be there unless it is an address', async () => {
    const named = (remote: string) => unpushedBranch(gitOfFolder(repository.root), remote);
    await repository.git('remote', 'add', 'fork', 'https://example.com/fork');
    for (const remote of ['fork', 'https://example.com/another', '../beside.git'])
      expect((await named(remote)).remote).to.equal(remote);
    const error = await rejection(named('frok'));
    expect([error.code, error.message]).to.deep.equal(['usage', 'the repository has no remote "frok"']);
  });
});
