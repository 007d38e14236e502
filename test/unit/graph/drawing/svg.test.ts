import { expect } from 'chai';
import fc from 'fast-check';
import { drawSvg } from '../../../../src/graph/drawing/svg.js';
import { groupPipeline } from '../../../../src/graph/grouping/group-pipeline.js';
import type { GroupingName } from '../../../../src/graph/grouping/grouping.js';
import type { Structure } from '../../../../src/graph/structure.js';
import { node, request, structure } from '../sample.js';

function draw(of: Structure, by: GroupingName): string {
  const { grouped } = groupPipeline(request(of, by));
  if (grouped === null) throw new Error('no groups');
  return drawSvg(grouped);
}

/** Fails where an XML parser would: tags that do not match, characters that XML has not, and bare `<` and `&`. */
function expectWellFormed(xml: string): void {
  expect(xml).not.to.match(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
  const open: string[] = [];
  const rest = xml.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<>]*")*)(\/?)>/g,
    (_tag, end, name, _attributes, empty) => {
      if (end === '/') expect(open.pop()).to.equal(name);
      else if (empty === '') open.push(String(name));
      return '';
    },
  );
  expect(open).to.deep.equal([]);
  expect(rest).not.to.match(/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/);
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly bottom: number;
}

function boxesOf(svg: string): readonly Rectangle[] {
  const found = svg.matchAll(
    /<rect class="(?:group|dataset)" x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
  );
  return [...found].map((match) => {
    const [x = 0, y = 0, width = 0, height = 0] = match.slice(1).map(Number);
    return { x, y, right: x + width, bottom: y + height };
  });
}

describe('a pipeline drawn as SVG', () => {
  const nodes = ['x.a: raw -> x.p', 'x.b: x.p -> r', 'c: r -> s', 'd: r s -> t'];

  it('names containers, nodes and the data between them', () => {
    const svg = draw(structure(nodes), 'namespace');
    expectWellFormed(svg);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
    expect(texts.sort()).to.deep.equal(['c', 'd', 'r', 's', 'x', 'x.a', 'x.b']);
    expect(svg).to.contain('prefers-color-scheme: dark');
  });

  it('is the same for any order of the input', () => {
    expect(draw(structure(nodes.toReversed()), 'none')).to.equal(draw(structure(nodes), 'none'));
  });

  it('is well-formed with any names', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, data) => {
        const first = { ...node('a: -> x'), name: `a${name}`, outputs: [data], inputs: [] };
        const second = { ...node('b: x -> y'), inputs: [data] };
        expectWellFormed(draw({ ...structure([]), pipelines: { __default__: [first, second] } }, 'none'));
      }),
    );
  });

  for (const count of [5, 20, 60])
    it(`keeps the boxes of ${count} nodes apart, and all text within its box and the page`, () => {
      const many = Array.from(
        { length: count },
        (_, index) =>
          `node_${'long_'.repeat(index % 7)}${index}: d${Math.floor(index / 2) - 1} d${index - 3} -> d${index}`,
      );
      const svg = draw(structure(many), 'none');
      const boxes = boxesOf(svg);
      const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
      expect(boxes.length).to.be.greaterThan(count);
      for (const [index, a] of boxes.entries()) {
        expect(a.x >= 0 && a.y >= 0 && a.right <= width && a.bottom <= height).to.equal(true);
        for (const b of boxes.slice(index + 1))
          expect(a.right <= b.x || b.right <= a.x || a.bottom <= b.y || b.bottom <= a.y).to.equal(true);
      }
      // A letter of a monospaced font of 12 px is 7.3 px wide at most.
      for (const group of svg.matchAll(
        /<rect class="(?:group|dataset)" x="([-\d.]+)" y="[^"]*" width="([\d.]+)"[^>]*>\n<text[^>]* x="([-\d.]+)"[^>]*>([^<]*)</g,
      )) {
        const [x, boxWidth, textX] = group.slice(1, 4).map(Number);
        expect((textX ?? 0) + 7.3 * (group[4] ?? '').length).to.be.lessThan((x ?? 0) + (boxWidth ?? 0));
      }
    });

  it('counts nodes past thirty, and cuts long names', () => {
    const many = Array.from({ length: 40 }, (_, index) => `x.${'n'.repeat(60)}${index}: raw -> x.o${index}`);
    const svg = draw(structure(many), 'namespace');
    expect(svg).to.contain('>and 10 more<');
    expect(svg).to.contain(`>x.${'n'.repeat(41)}…<`);
  });

  it('draws groups that wait for each other as well, to show why they are refused', () => {
    expectWellFormed(draw(structure(['x.a: raw -> p', 'mid: p -> q', 'x.b: q -> r']), 'namespace'));
  });
});
