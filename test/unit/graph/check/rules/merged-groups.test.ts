import { expect } from 'chai';
import { IN_MEMORY, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('groups that data in memory join', () => {
  it('are named, with the data and the line that lets them run apart', () => {
    const of = structure(['x.a: raw -> p', 'y.b: p -> q', 'y.c: q -> r'], { p: IN_MEMORY, q: IN_MEMORY });
    expect(problemsOf(of, 'namespace')).to.deep.equal([
      {
        severity: 'info',
        kind: 'merged-groups',
        message: 'x and y run in one task, x-and-y, because p would be lost between two',
        remedy:
          'to run them apart, replace the entry in the catalog by: p: {type: pickle.PickleDataset, filepath: data/p.pkl}',
      },
    ]);
  });

  it('are not those that nobody asked for', () => {
    const of = structure(['a: raw -> p', 'y.b: p -> q'], { p: IN_MEMORY });
    expect(problemsOf(of, 'namespace')).to.deep.equal([]);
    expect(problemsOf(of, 'memory')).to.deep.equal([]);
  });
});
