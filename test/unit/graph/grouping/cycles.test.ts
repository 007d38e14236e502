import { expect } from 'chai';
import { cycles, shortestCycle } from '../../../../src/graph/grouping/cycles.js';

function needs(of: Readonly<Record<string, readonly string[]>>): Map<string, Set<string>> {
  return new Map(Object.entries(of).map(([name, needed]) => [name, new Set(needed)]));
}

describe('circles', () => {
  it('are found each, without what only lies behind or between them', () => {
    const of = { a: ['b'], b: ['a'], between: ['a'], d: ['e', 'between'], e: ['d'], behind: ['e'], free: [] };
    expect(cycles(needs(of))).to.deep.equal([
      ['a', 'b'],
      ['d', 'e'],
    ]);
  });

  it('are not there where everything goes one way', () => {
    expect(cycles(needs({ a: [], b: ['a'], c: ['a', 'b'] }))).to.deep.equal([]);
  });

  it('are shown by their shortest way, in the direction of the data', () => {
    const of = { x: ['mid', 'long2'], mid: ['x'], long1: ['x'], long2: ['long1'] };
    expect(shortestCycle('x', needs(of))).to.deep.equal(['x', 'mid', 'x']);
    expect(shortestCycle('x', needs({ x: ['c'], c: ['b'], b: ['x'] }))).to.deep.equal(['x', 'b', 'c', 'x']);
  });
});
