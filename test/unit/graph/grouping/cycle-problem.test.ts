import { expect } from 'chai';
import { groupPipeline } from '../../../../src/graph/grouping/group-pipeline.js';
import type { Problem } from '../../../../src/graph/problem.js';
import { request, structure } from '../sample.js';

function problemsByNamespace(...nodes: string[]): readonly Problem[] {
  return groupPipeline(request(structure(nodes), 'namespace')).problems;
}

describe('a circle of groups', () => {
  it('is told from a group that was asked for, with data without transcoding', () => {
    const [problem] = problemsByNamespace('z.a: raw -> p@spark', 'a: p@pandas -> q', 'z.b: q -> r');
    expect(problem?.message).to.equal(
      'grouped by namespace, z would wait for itself: z -> a -> z (z.a saves p, which a loads; a saves q, which z.b loads)',
    );
  });

  it('names the first steps of a long way', () => {
    const mids = Array.from({ length: 8 }, (_, index) => `m${index}: d${index} -> d${index + 1}`);
    const [problem] = problemsByNamespace('x.a: raw -> d0', ...mids, 'x.b: d8 -> end');
    expect(problem?.message).to.contain('x -> m0 -> m1 -> m2 -> m3 -> m4 -> m5 -> m6 -> m7 -> x (');
    expect(problem?.message).to.match(/m1 saves d2, which m2 loads; and 6 more\)$/);
    expect(problem?.remedy).to.equal('put m0, m1, m2 and 5 more into the namespace x, or split that namespace in two');
  });

  it('of namespaces alone is cut by splitting one', () => {
    const [problem] = problemsByNamespace('x.a: raw -> p', 'y.b: p -> q', 'x.c: q -> r');
    expect(problem?.remedy).to.equal('split one of the namespaces in two, so that the data go one way');
  });
});
