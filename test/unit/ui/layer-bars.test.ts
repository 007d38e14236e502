import { expect } from 'chai';
import fc from 'fast-check';
import type { LayerDescription } from '../../../src/inspect/image-description.js';
import { bytesText, columns } from '../../../src/ui/columns.js';
import { layerBars } from '../../../src/ui/layer-bars.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const LAYERS: readonly LayerDescription[] = [
  { digest: digest('a'), size: 50_000_000, madeBy: 'ADD base.tar /' },
  { digest: digest('b'), size: 100_000_000, madeBy: 'RUN pip install --no-cache-dir …' },
  { digest: digest('c'), size: 12_000, madeBy: 'kdeploy' },
  { digest: digest('d'), size: 0, madeBy: null },
];
const terminal = (width: number) => ({ isTTY: true, columns: width });
const bars = (width: number, layers = LAYERS) => layerBars(layers, terminal(width), { TERM: 'xterm' });
const plain = columns(
  LAYERS.map(({ digest: each, size }) => [each.slice(0, 19), bytesText(size ?? 0)]),
  '  ',
);

describe('the picture of an image’s layers', () => {
  it('has a bar for each, as long as the layer is large, and what made it', () => {
    expect(bars(100)).to.equal(
      [
        '  sha256:aaaaaaaaaaaa   50 MB  ███████████████                 ADD base.tar /',
        '  sha256:bbbbbbbbbbbb  100 MB  ██████████████████████████████  RUN pip install --no-cache-dir …',
        '  sha256:cccccccccccc   12 kB  █                               kdeploy',
        '  sha256:dddddddddddd     0 B',
      ].join('\n'),
    );
  });

  it('shortens what made a layer to what there is room for, or leaves it out', () => {
    expect(bars(66).split('\n')[1]).to.equal('  sha256:bbbbbbbbbbbb  100 MB  █████████████████  RUN pip install…');
    expect(bars(50).split('\n')[1]).to.equal('  sha256:bbbbbbbbbbbb  100 MB  █████████');
  });

  const without: readonly [
    what: string,
    output: Parameters<typeof layerBars>[1],
    environment: Record<string, string>,
  ][] = [
    ['in a pipe', { columns: 100 }, {}],
    ['in CI', terminal(100), { CI: 'true' }],
    ['on a terminal that shows text alone', terminal(100), { TERM: 'dumb' }],
    ['on a terminal with another character set', terminal(100), { LANG: 'de_DE.ISO-8859-1' }],
    ['on a terminal that is narrow', terminal(38), {}],
    ['on a terminal of unknown width', { isTTY: true }, {}],
  ];
  for (const [what, output, environment] of without) {
    it(`is columns without bars ${what}`, () => {
      expect(layerBars(LAYERS, output, environment)).to.equal(plain);
    });
  }

  it('says nothing of sizes that nobody knows', () => {
    const unknown = LAYERS.map((layer) => ({ ...layer, size: null }));
    expect(bars(100, unknown).split('\n')[2]).to.match(/^ {2}sha256:c{12} +kdeploy$/);
    expect(bars(100, unknown)).not.to.include('█');
  });

  it('is nothing without layers', () => {
    expect(bars(100, [])).to.equal('');
  });

  it('never moves the cursor, and fits the terminal, whatever an image says', () => {
    const layer = fc.record({
      digest: fc.constant(digest('a')),
      size: fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER })),
      madeBy: fc.option(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '\u001b', '\u202e'), maxLength: 200 })),
    });
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 9 }), fc.nat({ max: 200 }), (layers, width) => {
        const lines = bars(width, layers).split('\n');
        expect(lines).to.have.length(layers.length);
        for (const line of lines) {
          expect(line).to.match(/^[ -~█…]*$/);
          if (line.includes('█')) expect(line.length).to.be.at.most(width);
        }
      }),
    );
  });
});
