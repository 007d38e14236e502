import { expect } from 'chai';
import { groupPipeline } from '../../../../src/graph/grouping/group-pipeline.js';
import type { GroupedPipeline, GroupingRequest } from '../../../../src/graph/grouping/grouping.js';
import { KEDRO_GROUPS } from './kedro-groups.js';
import { dataset, IN_MEMORY, request, structure } from '../sample.js';

function grouped(of: GroupingRequest): GroupedPipeline {
  const { grouped: pipeline, problems } = groupPipeline(of);
  expect(problems).to.deep.equal([]);
  if (pipeline === null) throw new Error('no groups');
  return pipeline;
}

function namesAndNodes(of: GroupingRequest): Record<string, string> {
  return Object.fromEntries(
    grouped(of).groups.map(({ name, nodes }) => [name, nodes.map((node) => node.name).join(' ')]),
  );
}

describe('grouping by memory', () => {
  it('keeps together what passes data that no file holds, however it is said', () => {
    const datasets = {
      x: null,
      y: dataset({ type: 'kedro.io.MemoryDataset', ephemeral: true }),
      z_mem: dataset({ ephemeral: true, definedBy: 'pattern', pattern: '{name}_mem' }),
      w: dataset({ type: 'mine.Cached', ephemeral: true }),
    };
    const nodes = ['a: raw -> x', 'b: x -> y', 'c: y -> z_mem', 'd: z_mem -> w', 'e: w -> out', 'f: out -> end'];
    expect(namesAndNodes(request(structure(nodes, datasets), 'memory'))).to.deep.equal({
      'a-to-e': 'a b c d e',
      f: 'f',
    });
  });

  it('does not keep together nodes that only load the same data, or take the same parameters', () => {
    const nodes = ['a: raw params:p -> x', 'b: raw params:p parameters -> y'];
    expect(namesAndNodes(request(structure(nodes, { raw: null }), 'memory'))).to.deep.equal({ a: 'a', b: 'b' });
  });

  it('takes two spellings of a transcoded dataset for one', () => {
    const nodes = ['a: raw -> x@spark', 'b: x@pandas -> y'];
    const { groups, crossings } = grouped(request(structure(nodes), 'memory'));
    expect(groups[1]?.dependsOn).to.deep.equal(['a']);
    expect(crossings).to.deep.equal([{ dataset: 'x', from: 'a', to: ['b'] }]);
    expect(namesAndNodes(request(structure(nodes, { 'x@pandas': IN_MEMORY }), 'memory'))).to.deep.equal({
      'a-to-b': 'a b',
    });
  });

  it('takes in the node between two that share a task, which would wait for itself', () => {
    const nodes = ['a: raw -> x, f', 'mid: f -> g', 'b: x g -> out', 'c: out -> end'];
    expect(namesAndNodes(request(structure(nodes, { x: IN_MEMORY }), 'memory'))).to.deep.equal({
      'a-to-b': 'a mid b',
      c: 'c',
    });
  });
});

describe('grouping by namespace', () => {
  it('makes a task of each top-level namespace, and of each node outside', () => {
    const nodes = ['x.a: raw -> x.p', 'x.deep.b: x.p -> q', 'y.c: q -> r', 'out: r -> s'];
    const { groups } = grouped(request(structure(nodes), 'namespace'));
    expect(groups.map(({ name, selection, dependsOn }) => [name, selection, dependsOn])).to.deep.equal([
      ['x', { kind: 'namespaces', namespaces: ['x'] }, []],
      ['y', { kind: 'nodes', nodes: ['y.c'] }, ['x']],
      ['out', { kind: 'nodes', nodes: ['out'] }, ['y']],
    ]);
  });

  it('joins two namespaces that pass data in memory, and takes in a node that does', () => {
    const nodes = ['x.a: raw -> p', 'y.b: p -> q', 'c: q -> r', 'd: r -> s'];
    const memory = { p: IN_MEMORY, q: IN_MEMORY };
    expect(namesAndNodes(request(structure(nodes, memory), 'namespace'))).to.deep.equal({
      'x-and-y': 'x.a y.b c',
      d: 'd',
    });
  });

  it('refuses a node between two of a namespace, with the way and what would help', () => {
    const { problems } = groupPipeline(
      request(structure(['x.a: raw -> x.p', 'mid: x.p -> q', 'x.b: q -> x.r']), 'namespace'),
    );
    expect(problems).to.deep.equal([
      {
        severity: 'error',
        kind: 'cycle',
        message:
          'grouped by namespace, x would wait for itself: x -> mid -> x (x.a saves x.p, which mid loads; mid saves q, which x.b loads)',
        remedy: 'put mid into the namespace x, or split that namespace in two',
      },
    ]);
  });

  it('refuses two namespaces that wait for each other, and reports every circle', () => {
    const nodes = ['x.a: raw -> p', 'y.b: p -> q', 'x.c: q -> r', 'v.a: raw -> s', 'w: s -> t', 'v.b: t -> u'];
    const { problems } = groupPipeline(request(structure(nodes), 'namespace'));
    expect(problems.map(({ message }) => /: (?<way>.*) \(/.exec(message)?.groups?.way)).to.deep.equal([
      'v -> w -> v',
      'x -> y -> x',
    ]);
  });

  it('tells a namespace from a node of the same name', () => {
    const { groups } = grouped(request(structure(['x.a: raw -> p', 'x.b: p -> q', 'x: q -> r']), 'namespace'));
    expect(groups.map(({ nodes }) => nodes.length)).to.deep.equal([2, 1]);
    expect(new Set(groups.map(({ name }) => name)).size).to.equal(2);
  });
});

describe('grouping by tag', () => {
  const nodes = ['a: raw -> p #g1 #nightly', 'b: p -> q #g1', 'c: q -> r #g2 #nightly', 'd: r -> s #nightly'];

  it('makes a task of each of the given tags; other tags do not count', () => {
    expect(namesAndNodes(request(structure(nodes), 'tag', { tags: ['g2', 'g1'] }))).to.deep.equal({
      g1: 'a b',
      g2: 'c',
      d: 'd',
    });
  });

  it('refuses a node with two of them, by name', () => {
    const { problems } = groupPipeline(
      request(structure([...nodes, 'e: s -> t #g1 #g2']), 'tag', { tags: ['g1', 'g2'] }),
    );
    expect(problems.map(({ kind }) => kind)).to.include('two-group-tags');
    expect(problems.find(({ kind }) => kind === 'two-group-tags')?.message).to.equal(
      'the node e has 2 of the tags that make groups: g1 and g2; a node runs once',
    );
  });

  it('refuses a node without the tag between two that have it', () => {
    const { problems } = groupPipeline(
      request(structure(['a: raw -> p #g', 'mid: p -> q', 'b: q -> r #g']), 'tag', { tags: ['g'] }),
    );
    expect(problems.map(({ kind, remedy }) => [kind, remedy])).to.deep.equal([
      ['cycle', 'tag mid with g as well, or use two tags in place of g'],
    ]);
  });

  it('needs tags, and says which there are', () => {
    const { problems } = groupPipeline(request(structure(nodes), 'tag'));
    expect(problems.map(({ severity, remedy }) => [severity, remedy])).to.deep.equal([
      ['error', "name some of the pipeline's tags: g1, g2 and nightly"],
    ]);
  });

  it('warns of a tag that no node of any pipeline has', () => {
    const of = structure(nodes, {}, {});
    const { problems } = groupPipeline(request(of, 'tag', { tags: ['g1', 'g3'] }));
    expect(problems.map(({ severity, message }) => [severity, message])).to.deep.equal([
      ['warning', 'no node has the tag g3'],
    ]);
  });
});

describe('grouping a pipeline', () => {
  it('as one task runs all of it', () => {
    const of = structure(['a: raw -> p', 'b: p -> q'], { p: null });
    expect(grouped(request(of, 'pipeline')).groups.map(({ name, selection }) => [name, selection])).to.deep.equal([
      ['default', { kind: 'pipeline' }],
    ]);
  });

  it('not at all makes a task of each node', () => {
    expect(namesAndNodes(request(structure(['load-x: r -> p', 'load_x: p -> q', 'b: q -> s']), 'none'))).to.deep.equal({
      'load-x': 'load-x',
      load_x: 'load_x',
      b: 'b',
    });
  });

  it('gives the same groups for any order of nodes and tags', () => {
    const nodes = ['a: raw -> p, q', 'c: q -> s', 'b: p -> r', 'd: r s -> t'];
    const memory = { q: IN_MEMORY };
    expect(groupPipeline(request(structure(nodes.toReversed(), memory), 'memory'))).to.deep.equal(
      groupPipeline(request(structure(nodes, memory), 'memory')),
    );
  });
});

describe("Kedro's own groups", () => {
  for (const { title, nodes, namespace, none } of KEDRO_GROUPS)
    it(`are the same, and so is what they wait for: ${title}`, () => {
      const byNamespace = groupPipeline(request(structure(nodes), 'namespace')).grouped?.groups ?? [];
      expect(
        Object.fromEntries(
          byNamespace.map((group) => [group.name, [group.nodes.map(({ name }) => name).sort(), group.dependsOn]]),
        ),
      ).to.deep.equal(namespace);
      const alone = groupPipeline(request(structure(nodes), 'none')).grouped?.groups ?? [];
      expect(Object.fromEntries(alone.map((group) => [group.name, group.dependsOn]))).to.deep.equal(none);
    });
});
