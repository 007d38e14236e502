import { expect } from 'chai';
import { selectionOf } from '../../../../src/graph/grouping/selection.js';
import { nodeGraph } from '../../../../src/graph/node-graph.js';
import { node, structure } from '../sample.js';

function select(
  all: readonly string[],
  some: readonly string[],
  kedroVersion = '1.7.0',
  runOptions: string[] | null = null,
) {
  const nodes = all.map((name) => node(`${name}: in -> out_${name}`));
  const graph = nodeGraph(structure([]), nodes);
  return selectionOf(
    nodes.filter(({ name }) => some.includes(name)),
    graph,
    { kedroVersion, runOptions },
  );
}

describe('what selects the nodes of a group', () => {
  it('is the pipeline where it is all of it', () => {
    expect(select(['x.a', 'x.b'], ['x.a', 'x.b'])).to.deep.equal({ kind: 'pipeline' });
  });

  it('is a namespace where it is exactly its nodes, those further down included', () => {
    expect(select(['x.a', 'x.y.b', 'c'], ['x.a', 'x.y.b'])).to.deep.equal({ kind: 'namespaces', namespaces: ['x'] });
    expect(select(['x.y.a', 'x.y.b', 'x.c'], ['x.y.a', 'x.y.b'])).to.deep.equal({
      kind: 'namespaces',
      namespaces: ['x.y'],
    });
  });

  it('is two namespaces, where Kedro takes two', () => {
    const all = ['x.a', 'y.b', 'c'];
    expect(select(all, ['x.a', 'y.b'])).to.deep.equal({ kind: 'namespaces', namespaces: ['x', 'y'] });
    expect(select(all, ['x.a', 'y.b'], '0.19.15')).to.deep.equal({ kind: 'nodes', nodes: ['x.a', 'y.b'] });
  });

  for (const [title, all, some, version] of [
    ['a part of a namespace', ['x.a', 'x.b', 'x.c', 'd'], ['x.a', 'x.b'], '1.7.0'],
    ['a namespace and a node outside', ['x.a', 'x.b', 'c', 'd'], ['x.a', 'x.b', 'c'], '1.7.0'],
    ['one node', ['x.a', 'b'], ['x.a'], '1.7.0'],
    [
      'a namespace that another one starts with, in Kedro 0.19',
      ['x.a', 'x.b', 'x_old.c', 'd'],
      ['x.a', 'x.b'],
      '0.19.15',
    ],
    ['a namespace that the option would split', ['x,y.a', 'x,y.b', 'c'], ['x,y.a', 'x,y.b'], '1.7.0'],
  ] as const)
    it(`is the nodes for ${title}`, () => {
      expect(select(all, some, version)).to.deep.equal({ kind: 'nodes', nodes: [...some] });
    });

  it("is the nodes where the project's own kedro run takes no namespaces", () => {
    const all = ['x.a', 'x.b', 'c'];
    const nodes = { kind: 'nodes', nodes: ['x.a', 'x.b'] };
    expect(select(all, ['x.a', 'x.b'], '1.7.0', ['--nodes', '--namespace'])).to.deep.equal(nodes);
    expect(select(all, ['x.a', 'x.b'], '0.19.15', ['--nodes'])).to.deep.equal(nodes);
    expect(select(all, ['x.a', 'x.b'], '1.7.0', ['--namespaces'])).to.deep.include({ kind: 'namespaces' });
  });

  it('is the namespace in spite of one that only starts alike, since Kedro 1', () => {
    expect(select(['x.a', 'x.b', 'x_old.c'], ['x.a', 'x.b'])).to.deep.equal({ kind: 'namespaces', namespaces: ['x'] });
  });
});
