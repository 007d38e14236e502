import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { commitTime, earlierCommits } from '../../../src/git/commit-time.js';
import { temporaryFolder, TemporaryRepository } from './temporary-repository.js';

describe('the time of a commit', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
  });
  afterEach(() => repository.remove());

  /** A commit made by hand and checked out: with any time, and a signature where one is given. */
  async function commitAt(time: string, signature = ''): Promise<string> {
    const tree = await repository.git('write-tree');
    const lines = [`tree ${tree}`, `author a <a@example.com> 1 +0000`, `committer a <a@example.com> ${time}`];
    await writeFile(join(repository.root, '.git', 'made'), `${lines.join('\n')}\n${signature}\nmade\n`);
    const id = await repository.git('hash-object', '-t', 'commit', '-w', '--literally', '.git/made');
    await repository.git('reset', '--quiet', '--hard', id);
    return id;
  }

  it('is when it was committed, not written, whatever the time zone', async () => {
    await commitAt('1700000000 +1300');
    expect((await commitTime(repository.root))?.toISOString()).to.equal('2023-11-14T22:13:20.000Z');
  });

  it('is of the commit that is checked out, in a folder of it too', async () => {
    await commitAt('1700000000 +0000');
    await repository.git('checkout', '--quiet', '--detach');
    await repository.commit('project/a');
    await repository.git('checkout', '--quiet', 'main');
    await repository.write('project/b', '');
    expect((await commitTime(join(repository.root, 'project')))?.getTime()).to.equal(1_700_000_000_000);
  });

  it('is found beside a signature that the user has git show', async () => {
    const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n none\n -----END PGP SIGNATURE-----\n';
    const first = await commitAt('1600000000 +0000', signature);
    await repository.git('config', 'log.showSignature', 'true');
    expect((await commitTime(repository.root))?.getTime()).to.equal(1_600_000_000_000);
    await repository.commit('next');
    expect(await earlierCommits(repository.root, 5)).to.deep.equal([first]);
  });

  for (const [what, time] of [
    ['zero', '0 +0000'],
    ['after the year 9999', '253402300800 +0000'],
    ['one that no Date can have', '99999999999999 +0000'],
  ] as const)
    it(`is unknown where it is ${what}`, async () => {
      await commitAt(time);
      expect(await commitTime(repository.root)).to.equal(undefined);
    });

  it('is the last second of the year 9999 at most', async () => {
    await commitAt('253402300799 +0000');
    expect((await commitTime(repository.root))?.toISOString()).to.equal('9999-12-31T23:59:59.000Z');
  });

  it('is unknown before the first commit, and outside of a repository', async () => {
    expect(await commitTime(repository.root)).to.equal(undefined);
    expect(await earlierCommits(repository.root, 3)).to.deep.equal([]);
    const folder = await temporaryFolder();
    expect(await commitTime(folder)).to.equal(undefined);
    expect(await earlierCommits(folder, 3)).to.deep.equal([]);
    await TemporaryRepository.at(folder).remove();
  });
});

describe('the commits before the one that is checked out', () => {
  it('are so many at most, the latest first', async () => {
    const repository = await TemporaryRepository.create();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) ids.push(await repository.commit(name));
    expect(await earlierCommits(repository.root, 2)).to.deep.equal([ids[2], ids[1]]);
    expect(await earlierCommits(repository.root, 9)).to.deep.equal([ids[2], ids[1], ids[0]]);
    expect(await earlierCommits(repository.root, 0)).to.deep.equal([]);
    await repository.git('checkout', '--quiet', ids[1] ?? '');
    expect(await earlierCommits(repository.root, 9)).to.deep.equal([ids[0]]);
    await repository.remove();
  });
});
