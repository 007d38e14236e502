import { expect } from 'chai';
import { structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('a node whose name Kedro would split', () => {
  const of = structure(['a,b: raw -> x', 'c: raw -> y']);

  it('is refused where a task must name it', () => {
    expect(problemsOf(of, 'none').map(({ kind, message }) => [kind, message])).to.deep.equal([
      ['node-name', 'kedro run cannot select the node "a,b" by its name'],
    ]);
  });

  it('is fine where all of the pipeline runs', () => {
    expect(problemsOf(of, 'pipeline')).to.deep.equal([]);
  });
});
