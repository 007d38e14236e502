import { expect } from 'chai';
import { structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('the number of tasks', () => {
  const of = structure(['a: raw -> x', 'b: x -> y', 'c: y -> z']);

  it('is refused past the limit', () => {
    expect(problemsOf(of, 'none', { maxTasks: 2 }).map(({ kind, message }) => [kind, message])).to.deep.equal([
      ['too-many-tasks', 'grouped by none, __default__ becomes 3 tasks, more than 2'],
    ]);
  });

  it('may be the limit', () => {
    expect(problemsOf(of, 'none', { maxTasks: 3 })).to.deep.equal([]);
  });
});
