import { expect } from 'chai';
import { drawMermaid } from '../../../../src/graph/drawing/mermaid.js';
import { groupPipeline } from '../../../../src/graph/grouping/group-pipeline.js';
import type { GroupingName } from '../../../../src/graph/grouping/grouping.js';
import type { Structure } from '../../../../src/graph/structure.js';
import { IN_MEMORY, node, request, structure } from '../sample.js';

function draw(of: Structure, by: GroupingName): string {
  const { grouped } = groupPipeline(request(of, by));
  if (grouped === null) throw new Error('no groups');
  return drawMermaid(grouped, of);
}

describe('a pipeline drawn as Mermaid', () => {
  const nodes = ['x.a: raw -> x.p, x.q', 'x.b: x.p x.q -> r', 'c: r params:n -> s'];

  it('has a box for each container, and data on the arrows, dotted in memory', () => {
    expect(draw(structure(nodes, { 'x.p': IN_MEMORY }), 'namespace').split('\n')).to.deep.equal([
      'flowchart TB',
      '  subgraph g0["x"]',
      '    n0["x.a"]',
      '    n1["x.b"]',
      '  end',
      '  subgraph g1["c"]',
      '    n2["c"]',
      '  end',
      '  n0 -. "x.p and x.q" .-> n1',
      '  n1 -- "r" --> n2',
      '',
    ]);
  });

  it('is the same for any order of the input', () => {
    expect(draw(structure(nodes.toReversed()), 'namespace')).to.equal(draw(structure(nodes), 'namespace'));
  });

  it('shows hostile names as text', () => {
    const hostile = { ...node('a: raw -> x'), name: 'a"]\n  click n0 "javascript:x" `<b>` #35; \u202E --> \uD800' };
    const text = draw({ ...structure([]), pipelines: { __default__: [hostile] } }, 'none');
    const lines = text.trimEnd().split('\n');
    expect(lines).to.have.lengthOf(4);
    expect(lines[2]).to.match(/^ {4}n0\["[^"<>`\n]*"\]$/);
    expect(text).not.to.match(/\p{Surrogate}/u);
    expect(text).not.to.contain('\u202E');
  });

  it('has the groups alone where there are too many nodes', () => {
    const many = Array.from(
      { length: 90 },
      (_, index) => `x${index % 2}.n${index}: d${index % 2} -> x${index % 2}.o${index}`,
    );
    const text = draw(structure([...many, 'last: x0.o0 x0.o2 -> end']), 'namespace');
    expect(text.split('\n')).to.deep.equal([
      'flowchart TB',
      '  g0["x0 (45 nodes)"]',
      '  g1["x1 (45 nodes)"]',
      '  g2["last (1 node)"]',
      '  g0 -- "x0.o0 and x0.o2" --> g2',
      '',
    ]);
  });
});
