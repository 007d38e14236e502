import { expect } from 'chai';
import type { GroupingName } from '../../../../../src/graph/grouping/grouping.js';
import { groupPipeline } from '../../../../../src/graph/grouping/group-pipeline.js';
import { request, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

const APART = structure(['a: parts -> x', 'b: x -> y', 'c: y -> z !parts']);

function groupsOf(of: typeof APART, by: GroupingName): readonly (readonly string[])[] {
  return (groupPipeline(request(of, by)).grouped?.groups ?? []).map(({ nodes }) => nodes.map(({ name }) => name));
}

describe('a dataset that another node confirms than loads', () => {
  it('is refused where these run in two containers', () => {
    expect(problemsOf(APART, 'none')).to.deep.equal([
      {
        severity: 'error',
        kind: 'confirmed',
        message:
          'c confirms parts, which a loads in another container: what has come in between would be confirmed as well',
        remedy:
          'confirm it in the node that loads it: node(…, confirms="parts"), or group by memory, which keeps these nodes in one task',
      },
    ]);
  });

  it('keeps them in one task otherwise, with those between', () => {
    expect(groupsOf(APART, 'memory')).to.deep.equal([['a', 'b', 'c']]);
    expect(problemsOf(APART, 'memory')).to.deep.equal([]);
  });

  it('is refused where a second node loads it in another container, and would find nothing left', () => {
    const of = structure(['a: parts -> x !parts', 'b: parts -> y']);
    expect(problemsOf(of, 'none').map(({ message }) => message.split(':')[0])).to.deep.equal([
      'a confirms parts, which b loads in another container',
    ]);
    expect(groupsOf(of, 'memory')).to.deep.equal([['a', 'b']]);
  });

  it('is told where it joins groups that were asked for', () => {
    const of = structure(['x.a: parts -> p', 'y.b: p -> q !parts']);
    expect(problemsOf(of, 'namespace').map(({ kind, message, remedy }) => [kind, message, remedy])).to.deep.equal([
      [
        'merged-groups',
        'x and y run in one task, x-and-y, because one loads parts and another confirms it',
        'to run them apart, confirm parts in the node that loads it',
      ],
    ]);
  });

  for (const nodes of [
    ['a: parts -> x !parts', 'b: x -> y'],
    ['a: raw -> x', 'b: x -> y !parts'],
    ['a: raw -> parts', 'b: x -> y !parts'],
  ])
    it(`has nothing against ${nodes.join(', ')}`, () => {
      expect(problemsOf(structure(nodes), 'none')).to.deep.equal([]);
      expect(groupsOf(structure(nodes), 'memory')).to.deep.equal([['a'], ['b']]);
    });
});
