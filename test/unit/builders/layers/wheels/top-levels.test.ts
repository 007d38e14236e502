import { expect } from 'chai';
import { topLevels } from '../../../../../src/builders/layers/wheels/top-levels.js';

describe('the top levels of a wheel', () => {
  const of = (...paths: string[]) =>
    topLevels(
      paths.map((each) => (each.startsWith('/') ? each.slice(1) : `v/site/${each}`)),
      'v/site',
    ).map((each) => each.replace(/^v\/site\//, ''));

  for (const [what, paths, expected] of [
    ['a package', ['a/__init__.py', 'a/b/c.py', 'a/b/__init__.py'], ['a']],
    ['a compiled package', ['a/__init__.cpython-311-x86_64-linux-gnu.so', 'a/b.so'], ['a']],
    ['modules', ['b.py', 'a.py', 'a.pth'], ['a.pth', 'a.py', 'b.py']],
    ['a namespace', ['google/cloud/storage/__init__.py', 'google/cloud/storage/x/y.py'], ['google/cloud/storage']],
    ['a namespace with modules', ['n/a.py', 'n/p/__init__.py', 'n/p/b.py'], ['n/a.py', 'n/p']],
    ['a folder of libraries', ['a.libs/x.so', 'a.libs/y.so'], ['a.libs/x.so', 'a.libs/y.so']],
    [
      'things elsewhere',
      ['/v/bin/a', '/v/share/x/__init__.py', 'a.py'],
      ['/v/bin/a', 'a.py', '/v/share/x/__init__.py'],
    ],
    ['a name that begins like the folder', ['/v/site2/a/__init__.py'], ['/v/site2/a/__init__.py']],
    ['what only looks like a package', ['a/__init__/x.py', 'a/my__init__.py'], ['a/__init__/x.py', 'a/my__init__.py']],
    ['nothing', [], []],
  ] as const) {
    it(`of ${what}`, () => {
      expect(of(...paths).sort()).to.deep.equal(expected.map((each) => each.replace(/^\//, '')).sort());
    });
  }
});
