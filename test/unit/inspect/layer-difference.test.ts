import { expect } from 'chai';
import fc from 'fast-check';
import { commonBase, layerDifference, type ComparedLayer } from '../../../src/inspect/layer-difference.js';

const layers = (letters: string): ComparedLayer[] =>
  Array.from(letters, (letter) => ({ diffId: `sha256:${letter}`, digest: letter, size: 1, madeBy: null }));
const letters = (found: readonly { digest: string }[]): string => found.map(({ digest }) => digest).join('');
const difference = (a: string, b: string) => {
  const { shared, onlyInA, onlyInB, reordered } = layerDifference(layers(a), layers(b));
  return [letters(shared), letters(onlyInA), letters(onlyInB), reordered] as const;
};

describe('the layers of two images', () => {
  const cases: readonly [a: string, b: string, shared: string, onlyInA: string, onlyInB: string, reordered: boolean][] =
    [
      ['', '', '', '', '', false],
      ['abc', 'abc', 'abc', '', '', false],
      ['abc', 'abx', 'ab', 'c', 'x', false],
      // kdeploy's own layer lies on top, and is the same in images that are baked alike.
      ['abk', 'axk', 'ak', 'b', 'x', false],
      ['ab', 'abc', 'ab', '', 'c', false],
      ['bc', 'abc', 'bc', '', 'a', false],
      ['ab', 'cd', '', 'ab', 'cd', false],
      ['abcd', 'acbd', 'abcd', '', '', true],
      ['axbycz', 'aubvcw', 'abc', 'xyz', 'uvw', false],
      ['axby', 'aubvx', 'axb', 'y', 'uv', true],
      // The layer that is empty is in many images more than once.
      ['aee', 'ae', 'ae', 'e', '', false],
      ['eae', 'ae', 'ae', 'e', '', false],
    ];
  for (const [a, b, shared, onlyInA, onlyInB, reordered] of cases) {
    it(`are divided for ‘${a}’ and ‘${b}’`, () => {
      expect(difference(a, b)).to.deep.equal([shared, onlyInA, onlyInB, reordered]);
    });
  }

  it('are the same where they are compressed in another way, and described as the first has them', () => {
    const [plain] = layers('a');
    const zipped = { ...plain!, digest: 'gzip of a', size: 0 };
    expect(layerDifference([plain!], [zipped])).to.deep.equal({
      shared: [{ digest: 'a', size: 1, madeBy: null }],
      onlyInA: [],
      onlyInB: [],
      reordered: false,
    });
  });

  const some = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 8 }).map((each) => each.join(''));
  const sorted = (text: string) => Array.from(text).sort().join('');

  it('are all told, each once', () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [shared, onlyInA, onlyInB] = difference(a, b);
        expect(sorted(shared + onlyInA)).to.equal(sorted(a));
        expect(sorted(shared + onlyInB)).to.equal(sorted(b));
      }),
    );
  });

  it('are told the other way round where the images are swapped', () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [shared, onlyInA, onlyInB, reordered] = difference(a, b);
        const [sharedBack, onlyInABack, onlyInBBack, reorderedBack] = difference(b, a);
        expect([sorted(sharedBack), onlyInABack, onlyInBBack, reorderedBack]).to.deep.equal([
          ...[sorted(shared), onlyInB, onlyInA, reordered],
        ]);
      }),
    );
  });
});

describe('the base that two images have in common', () => {
  for (const [a, b, count] of [
    ['', 'a', 0],
    ['abc', 'abx', 2],
    ['ab', 'abc', 2],
    ['xbc', 'abc', 0],
    ['axc', 'abc', 1],
  ] as const) {
    it(`has ${count} layers for ‘${a}’ and ‘${b}’`, () => {
      expect(commonBase(layers(a), layers(b))).to.equal(count);
    });
  }
});
