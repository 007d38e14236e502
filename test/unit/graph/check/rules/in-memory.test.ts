import { expect } from 'chai';
import { dataset, IN_MEMORY, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('data in memory between tasks', () => {
  const nodes = ['a: raw -> x', 'b: x -> y', 'c: y -> z_mem', 'd: z_mem -> w', 'e: w -> out'];
  const datasets = {
    x: null,
    y: IN_MEMORY,
    z_mem: dataset({ ...IN_MEMORY, definedBy: 'pattern', pattern: '{name}_mem' }),
    w: dataset({ type: 'mine.io.Scratch', ephemeral: true }),
  };

  it('are refused, each with why and the line of the catalog that keeps it', () => {
    const problems = problemsOf(structure(nodes, datasets), 'none');
    expect(problems.map(({ message }) => message)).to.deep.equal([
      'w is a Scratch and stays in memory, so what d saves does not reach e in another container',
      'x has no entry in the catalog and stays in memory, so what a saves does not reach b in another container',
      'y is a MemoryDataset and stays in memory, so what b saves does not reach c in another container',
      'z_mem is a MemoryDataset by the pattern {name}_mem and stays in memory, so what c saves does not reach d in another container',
    ]);
    expect(problems.map(({ remedy }) => remedy.split(' (')[0])).to.deep.equal(
      ['w', 'x', 'y', 'z_mem'].map((name) => {
        const does = ['w', 'y'].includes(name) ? 'replace the entry in the catalog by' : 'add to the catalog';
        return `${does}: ${name}: {type: pickle.PickleDataset, filepath: data/${name}.pkl}`;
      }),
    );
  });

  for (const by of ['memory', 'namespace', 'pipeline'] as const)
    it(`cannot be, grouped by ${by}`, () => {
      expect(problemsOf(structure(nodes, datasets), by)).to.deep.equal([]);
    });

  it('count when only one spelling of a transcoded dataset is in memory', () => {
    const of = structure(['a: raw -> x@spark', 'b: x@pandas -> y'], { 'x@pandas': IN_MEMORY });
    expect(problemsOf(of, 'none').map(({ kind }) => kind)).to.deep.equal(['in-memory']);
  });

  it('do not count where no node saves them, or nobody loads them', () => {
    const of = structure(['a: raw -> x', 'b: raw params:p parameters -> y'], { raw: null, x: null, y: null });
    expect(problemsOf(of, 'none')).to.deep.equal([]);
  });
});
