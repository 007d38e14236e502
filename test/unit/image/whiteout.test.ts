import { expect } from 'chai';
import { deletedBy, isDeleted } from '../../../src/image/whiteout.js';

describe('what an entry of a layer takes away', () => {
  const cases: readonly [path: string, deleted: string | undefined][] = [
    ['app/.wh.key.json', 'app/key.json'],
    ['.wh.app', 'app'],
    ['app/.wh..wh..opq', 'app/'],
    ['.wh..wh..opq', ''],
    ['app/key.json', undefined],
    ['app/wh.key', undefined],
    ['app/.wh.folder/file', undefined],
    ['app/a.wh.b', undefined],
    ['', undefined],
  ];
  for (const [path, deleted] of cases) {
    it(`is ${deleted === undefined ? 'nothing' : `‘${deleted}’`} for ‘${path}’`, () => {
      expect(deletedBy(path)).to.equal(deleted);
    });
  }
});

describe('a path of a layer below', () => {
  const cases: readonly [path: string, deleted: string, isGone: boolean][] = [
    ['app/a', 'app/a', true],
    ['app/a', 'app', true],
    ['app/a', 'app/', true],
    ['app/a', '', true],
    ['app/ab', 'app/a', false],
    ['app', 'app/', false],
    ['app', 'app/a', false],
  ];
  for (const [path, deleted, isGone] of cases) {
    it(`${path} is ${isGone ? 'gone' : 'still there'} where ‘${deleted}’ is deleted`, () => {
      expect(isDeleted(path, deleted)).to.equal(isGone);
    });
  }
});
