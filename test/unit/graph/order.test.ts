import { expect } from 'chai';
import { dependencyOrder, sortedNames } from '../../../src/graph/order.js';

function order(needs: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return dependencyOrder(new Map(Object.entries(needs).map(([name, needed]) => [name, new Set(needed)])));
}

describe('an order in which things could run', () => {
  it('has what is needed first, and equals by name', () => {
    expect(order({ d: ['b', 'c'], c: ['a'], b: ['a'], a: [], e: [] })).to.deep.equal(['a', 'e', 'b', 'c', 'd']);
  });

  it('has what lies on a circle or behind one last', () => {
    expect(order({ a: ['b'], b: ['a'], behind: ['a'], free: [] })).to.deep.equal(['free', 'a', 'b', 'behind']);
  });

  it('does not depend on the locale', () => {
    expect(sortedNames(['ä', 'b', 'B', 'a', 'b'])).to.deep.equal(['B', 'a', 'b', 'ä']);
  });
});
