import { expect } from 'chai';
import { isObjectStore, RepositoryFinder } from '../../../src/secrets/git-folders.js';

function repositoriesIn(...files: string[]): string[] {
  const finder = new RepositoryFinder();
  for (const file of files) finder.add(file);
  return finder.repositories;
}

describe('the git repositories among files', () => {
  it('are found by .git, and by what git keeps in any other folder', () => {
    expect(repositoriesIn('.git/HEAD')).to.deep.equal(['.git']);
    expect(repositoriesIn('a/lib.git/HEAD', 'a/lib.git/config', 'a/lib.git/packed-refs')).to.deep.equal(['a/lib.git']);
  });

  it('are the outer ones: a submodule’s is in that of its parent', () => {
    expect(
      repositoriesIn('.git/HEAD', '.git/modules/x/HEAD', '.git/modules/x/config', '.git/modules/x/index'),
    ).to.deep.equal(['.git']);
  });

  it('are none where one of the parts is missing', () => {
    expect(repositoriesIn('a/HEAD', 'a/config')).to.deep.equal([]);
    expect(repositoriesIn('a/config', 'a/index', '.git', '.gitignore')).to.deep.equal([]);
  });

  it('keep their objects in folders that hold no text', () => {
    for (const folder of ['.git/objects', 'a/.git/modules/x/objects', 'lib.git/objects', '.git/lfs'])
      expect(isObjectStore(folder), folder).to.equal(true);
    for (const folder of ['objects', 'src/objects', '.git', '.git/refs', '.github/objects'])
      expect(isObjectStore(folder), folder).to.equal(false);
  });
});
