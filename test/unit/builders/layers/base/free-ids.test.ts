import { expect } from 'chai';
import { freeGroupId, freeRange, subordinateRange } from '../../../../../src/builders/layers/base/free-ids.js';

describe('a free ID', () => {
  const groups: readonly [taken: number[], login: Record<string, string>, expected: number | undefined][] = [
    [[], {}, 1000],
    [[0, 100, 65534], {}, 1000],
    [[1000], {}, 1001],
    [[1005, 1000], {}, 1006],
    [[59_999], {}, 60_000],
    [[60_000, 1001, 1000], {}, 1002],
    [[60_000], {}, 1000],
    [[5, 12], { GID_MIN: '5', GID_MAX: '12' }, 6],
    [[5], { GID_MIN: '5', GID_MAX: '5' }, undefined],
  ];
  for (const [taken, login, expected] of groups)
    it(`is ${expected ?? 'none'} for a group where ${taken.join(', ') || 'none'} are taken ${JSON.stringify(login)}`, () => {
      expect(freeGroupId(taken, login)).to.equal(expected);
    });

  // prettier-ignore
  const ranges: readonly [taken: [start: number, count: number][], expected: number | undefined][] = [
    [[], 10],
    [[[0, 5]], 10],
    [[[0, 11]], 11],
    [[[10, 5]], 15],
    [[[15, 5]], 10],
    [[[14, 5]], 19],
    [[[20, 5], [10, 5]], 15],
    [[[10, 20], [12, 2]], 30],
    [[[10, 30]], 40],
    [[[10, 31]], undefined],
    [[[50, 5]], 10],
    [[[10, 1_000_000]], undefined],
  ];
  for (const [taken, expected] of ranges)
    it(`begins a range at ${expected ?? 'nothing'} where ${JSON.stringify(taken)} are taken`, () => {
      const each = taken.map(([start, count]) => ({ start, count }));
      expect(freeRange(each, { minimum: 10, maximum: 44, count: 5 })).to.equal(expected);
    });

  it('is in the range that login.defs has', () => {
    expect(subordinateRange({}, 'SUB_UID')).to.deep.equal({ minimum: 100_000, maximum: 600_100_000, count: 65_536 });
    const login = { SUB_GID_MIN: '1', SUB_GID_MAX: '2', SUB_GID_COUNT: '0' };
    expect(subordinateRange(login, 'SUB_GID')).to.deep.equal({ minimum: 1, maximum: 2, count: 0 });
  });
});
