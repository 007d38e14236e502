import { expect } from 'chai';
import { isObjectStore, RepositoryFinder } from '../../../src/secrets/repositories.js';

const foldersIn = (...files: string[]) => {
  const finder = new RepositoryFinder();
  for (const file of files) finder.add(file);
  return finder.repositories.map(({ folder, history }) => `${folder}: ${history}`);
};

describe('the repositories among files', () => {
  const found: [files: string[], expected: string[]][] = [
    [['.git/HEAD', '.git/config'], ['.git: .git/objects']],
    [['a/.git/HEAD', 'a/.git/refs/heads/main'], ['a/.git: a/.git/objects']],
    [
      ['.git/HEAD', '.git/config', '.git/modules/x/HEAD', '.git/modules/x/config', '.git/modules/x/index'],
      ['.git: .git/objects'],
    ],
    [['mirror/HEAD', 'mirror/config', 'mirror/packed-refs'], ['mirror: mirror/objects']],
    [['.hg/hgrc', '.hg/requires'], ['.hg: .hg/store']],
    [['x/.svn/wc.db'], ['x/.svn: x/.svn/pristine']],
    [['.git'], []],
    [['.git/HEAD'], []],
    [['.git/HEAD', '.git/notes'], []],
    // Left over from a repository whose own HEAD is gone.
    [['.git/modules/x/HEAD', '.git/modules/x/config'], []],
    [
      ['x/.git/HEAD', 'x/.git/index', '.hg/hgrc', 'a.git/HEAD', 'a.git/config', 'a.git/info/x'],
      ['.hg: .hg/store', 'a.git: a.git/objects', 'x/.git: x/.git/objects'],
    ],
    [['HEAD', 'config', 'hooks/x.py'], []],
    [['conf/HEAD', 'conf/config'], []],
    [['.gitignore', '.github/HEAD', '.hgignore', '.hg'], []],
  ];
  for (const [files, expected] of found)
    it(`are ${expected.length === 0 ? 'none' : expected.join()} of ${files.join()}`, () =>
      expect(foldersIn(...files)).to.deep.equal(expected));

  it('are called by what made them', () => {
    const finder = new RepositoryFinder();
    for (const file of ['.git/HEAD', '.git/config', 'x/.svn/wc.db']) finder.add(file);
    expect(finder.repositories.map(({ what }) => what)).to.deep.equal(['Git repository', '.svn repository']);
  });

  it('keep what was committed in folders that are not worth listing', () => {
    for (const folder of [
      '.git/objects',
      'a/.git/objects',
      '.git/modules/x/objects',
      'm.git/lfs',
      '.hg/store',
      '.svn/pristine',
    ])
      expect(isObjectStore(folder), folder).to.equal(true);
    for (const folder of ['objects', 'src/objects', '.git', '.git/refs', '.github/objects', 'store', '.hg'])
      expect(isObjectStore(folder), folder).to.equal(false);
  });
});
