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
    [['HEAD', 'config', 'hooks/x.py'], []],
    [['conf/HEAD', 'conf/config'], []],
    [['.gitignore', '.github/HEAD', '.hgignore', '.hg'], []],
  ];
  for (const [files, expected] of found)
    it(`are ${expected.length === 0 ? 'none' : expected.join()} of ${files.join()}`, () =>
      expect(foldersIn(...files)).to.deep.equal(expected));

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
