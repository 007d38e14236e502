import { expect } from 'chai';
import { structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('a volume for one machine at a time', () => {
  it('is warned of with the tasks that may run at once', () => {
    const of = structure(['a: raw -> x', 'b: x -> y', 'c: x -> z', 'd: y z -> out']);
    expect(
      problemsOf(of, 'none', { readWriteOnce: true }).map(({ severity, message }) => [severity, message]),
    ).to.deep.equal([
      ['warning', 'the shared volume is ReadWriteOnce, for one machine at a time, but tasks may run at once: b with c'],
    ]);
    expect(problemsOf(of, 'none')).to.deep.equal([]);
  });

  it('is enough for a chain', () => {
    const of = structure(['a: raw -> x', 'b: x -> y', 'c: y -> z']);
    expect(problemsOf(of, 'none', { readWriteOnce: true })).to.deep.equal([]);
  });

  it('is warned of in a sentence of bounded length', () => {
    const of = structure(Array.from({ length: 200 }, (_, index) => `n${index}: raw -> x${index}`));
    const [problem] = problemsOf(of, 'none', { readWriteOnce: true, maxTasks: 200 });
    expect(problem?.message.length).to.be.lessThan(300);
  });
});
