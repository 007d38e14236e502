import { expect } from 'chai';
import { nodeLabel, spanLabel, uniqueNames } from '../../../../src/graph/grouping/names.js';
import { slug } from '../../../../src/graph/slug.js';
import { node } from '../sample.js';

function named(...labels: string[]): readonly string[] {
  return uniqueNames(labels.map((label, index) => ({ label, identity: `${label}/${index}` })));
}

describe('the names of groups', () => {
  it('are what they would like to be called where that is unique', () => {
    expect(named('features.clean', 'load-x', 'load_x', 'modèle')).to.deep.equal([
      'features.clean',
      'load-x',
      'load_x',
      'modèle',
    ]);
  });

  it('have a hash where two would have the same ID, unless it is exactly one of the names', () => {
    const [plain, dotted] = named('load-x', 'load.x');
    expect(plain).to.equal('load-x');
    expect(dotted).to.match(/^load\.x-[0-9a-f]{6}$/);
  });

  for (const labels of [
    ['Load', 'load'],
    ['x', 'x'],
    ['start_mlflow_run'],
    ['Finish_MLflow_Run'],
    ['模型', '数据'],
    ['', '-'],
    ['a'.repeat(80), `${'a'.repeat(79)}b`],
    [`${'n.'.repeat(100)}end`, `${'n.'.repeat(100)}end2`],
  ])
    it(`are unique, short and no reserved ones for ${JSON.stringify(labels).slice(0, 40)}`, () => {
      const ids = named(...labels).map((name) => slug(name).toLowerCase());
      expect(new Set([...ids, 'start_mlflow_run', 'finish_mlflow_run']).size).to.equal(labels.length + 2);
      for (const id of ids) expect(id).to.match(/^[a-z0-9_-]{1,60}$/);
    });

  it('do not depend on what else there is, or in which order', () => {
    const wanted = ['load.x', 'load-x', 'b', 'B'].map((label) => ({ label, identity: label }));
    expect([...uniqueNames(wanted)].sort()).to.deep.equal([...uniqueNames(wanted.toReversed())].sort());
  });

  it('do not run into a name that looks like a hashed one', () => {
    const [, hashed = ''] = uniqueNames(['load-x', 'load.x'].map((label) => ({ label, identity: label })));
    const names = uniqueNames(['load-x', 'load.x', slug(hashed)].map((label) => ({ label, identity: label })));
    expect(new Set(names.map(slug)).size).to.equal(3);
  });
});

describe('a node', () => {
  const unnamed = (name: string, namespace: string | null) => ({
    ...node('n: x.raw -> x.train, x.test'),
    name,
    namespace,
  });

  it('is called by its name', () => {
    expect(nodeLabel(node('features.clean: a -> b'))).to.equal('features.clean');
    expect(nodeLabel(unnamed('split__1a2b3c4d', null))).to.equal('split__1a2b3c4d');
  });

  it('without a name of its own is called by its function and what it saves first', () => {
    expect(nodeLabel(unnamed('x.split([x.raw]) -> [x.train;x.test]', 'x'))).to.equal('x.split-train');
    expect(nodeLabel(unnamed('split([x.raw]) -> [x.train;x.test]', null))).to.equal('split-x.train');
    expect(nodeLabel({ ...unnamed('show([x.raw]) -> None', null), outputs: [] })).to.equal('show-x.raw');
  });
});

describe('nodes that nobody gave a name together', () => {
  it('are called by the first and the last', () => {
    expect(spanLabel([node('a: r -> x')])).to.equal('a');
    expect(spanLabel(['a: r -> x', 'b: x -> y', 'c: y -> z'].map(node))).to.equal('a-to-c');
    expect(spanLabel(['x.y.a: r -> x', 'x.y.c: y -> z'].map(node))).to.equal('x.y.a-to-c');
    expect(spanLabel(['x.a: r -> x', 'y.a: y -> z'].map(node))).to.equal('x.a-to-y.a');
  });
});
