import { expect } from 'chai';

import { nearName } from '../../src/near-name.js';

describe('nearName', () => {
  for (const [word, names, expected] of [
    ['data_science', ['data', 'data-science'], 'data-science'],
    ['Image', ['image'], 'image'],
    ['tga', ['tgb', 'tag'], 'tag'],
    ['trian', ['train'], 'train'],
    ['imge', ['image'], 'image'],
    ['images', ['image'], 'image'],
    ['imaje', ['image'], 'image'],
    ['imgae2', ['image'], undefined],
    ['', ['a'], undefined],
    ['a', [''], undefined],
    ['nope', [], undefined],
  ] as const) {
    it(`${expected === undefined ? 'finds nothing near' : `takes ${expected} for`} ${JSON.stringify(word)} among ${JSON.stringify(names)}`, () => {
      expect(nearName(word, names)).to.equal(expected);
    });
  }
});
