import { expect } from 'chai';
import { GroupOrder } from '../../../../src/graph/check/group-order.js';

function orderOf(needs: Readonly<Record<string, readonly string[]>>): GroupOrder {
  const groups = Object.entries(needs).map(([name, dependsOn]) => ({
    ...{ name, dependsOn, nodes: [], selection: { kind: 'pipeline' as const } },
  }));
  return new GroupOrder(groups);
}

describe('the order of groups', () => {
  it('knows who waits for whom, over others as well', () => {
    const order = orderOf({ a: [], b: ['a'], c: ['b'], d: [] });
    expect([order.isBefore('a', 'c'), order.isBefore('c', 'a'), order.isBefore('a', 'd')]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect([order.mayRunAtOnce('a', 'c'), order.mayRunAtOnce('a', 'd'), order.mayRunAtOnce('a', 'a')]).to.deep.equal([
      false,
      true,
      false,
    ]);
    expect(order.concurrent()).to.deep.equal([
      ['a', ['d']],
      ['b', ['d']],
      ['c', ['d']],
    ]);
  });

  it('knows it for more groups than a number has bits', () => {
    const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
    const order = orderOf(Object.fromEntries(names.map((name, index) => [name, index === 0 ? [] : [`n${index - 1}`]])));
    for (const [first, later] of [
      [0, 31],
      [0, 32],
      [31, 32],
      [63, 64],
      [0, 99],
    ] as const) {
      expect(order.isBefore(`n${first}`, `n${later}`)).to.equal(true);
      expect(order.isBefore(`n${later}`, `n${first}`)).to.equal(false);
    }
    expect(order.concurrent()).to.deep.equal([]);
  });
});
