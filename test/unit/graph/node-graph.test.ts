import { expect } from 'chai';
import { nodeGraph } from '../../../src/graph/node-graph.js';
import { IN_MEMORY, node, structure } from './sample.js';

describe('the graph of the nodes', () => {
  it('has datasets once, whatever their transcoding, and no parameters', () => {
    const nodes = ['a: raw params:p -> x@spark', 'b: x@pandas parameters -> y'].map(node);
    const { datasets, dependencies } = nodeGraph(structure([]), nodes);
    expect(
      datasets.map(({ name, spellings, savedBy, loadedBy }) => [name, spellings, savedBy, loadedBy]),
    ).to.deep.equal([
      ['raw', ['raw'], [], ['a']],
      ['x', ['x@pandas', 'x@spark'], ['a'], ['b']],
      ['y', ['y'], ['b'], []],
    ]);
    expect(dependencies.get('b')).to.deep.equal(new Set(['a']));
  });

  it('keeps in memory what one spelling does, what is in no catalog, and nothing else', () => {
    const words = ['a: raw -> x@spark constructor', 'b: x@pandas constructor -> y'];
    const of = structure(words, { 'x@pandas': IN_MEMORY, constructor: null });
    const { datasets } = nodeGraph(of, words.map(node));
    expect(datasets.filter(({ inMemory }) => inMemory).map(({ name }) => name)).to.deep.equal(['constructor', 'x']);
  });
});
