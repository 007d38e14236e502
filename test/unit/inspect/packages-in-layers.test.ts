import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf } from '../../../src/image/digest.js';
import type { Layer } from '../../../src/image/layer.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import type { LayerPackages } from '../../../src/inspect/layer-packages.js';
import { changedPackages, packageDifference } from '../../../src/inspect/packages-in-layers.js';
import { layerBytes } from '../image/layer-bytes.js';

const SITE = 'usr/local/lib/python3.11/site-packages';
const OTHER = 'usr/local/lib/python3.12/site-packages';

/** `a-1` is installed in the layer, `-a-1` taken away; whatever has a slash is a path that is taken away. */
const layer = (...words: readonly string[]): LayerPackages => {
  const folder = (word: string) => (word.includes('/') ? word : `${SITE}/${word}.dist-info`);
  return {
    packages: words.filter((word) => !word.startsWith('-')).map(folder),
    deleted: words.filter((word) => word.startsWith('-')).map((word) => folder(word.slice(1))),
    isUnread: false,
  };
};

const text = (a: readonly LayerPackages[], b: readonly LayerPackages[]): string[] =>
  changedPackages(a, b).map(({ name, change, a: one, b: other }) =>
    change === 'changed'
      ? `${name} ${one.join(',')} > ${other.join(',')}`
      : `${name} ${change} ${[...one, ...other].join(',')}`,
  );

describe('the packages that differ between two images', () => {
  const cases: readonly [what: string, a: LayerPackages[], b: LayerPackages[], expected: string[]][] = [
    ['neither brings any', [layer()], [], []],
    ['both bring the same', [layer('a-1')], [layer(), layer('a-1')], []],
    ['one brings more', [layer('a-1')], [layer('a-1', 'b-2')], ['b onlyInB 2']],
    ['one brings less', [layer('a-1', 'b-2')], [layer('a-1')], ['b onlyInA 2']],
    ['they bring different versions', [layer('a-1')], [layer('a-2')], ['a 1 > 2']],
    ['a name is written in another way', [layer('Some_Name-1')], [layer('some.name-1')], []],
    ['a version is written in another way', [layer('a-1.0')], [layer('a-1')], ['a 1.0 > 1']],
    ['one replaces what it brought', [layer('a-1'), layer('-a-1', 'a-2')], [layer('a-1')], ['a 2 > 1']],
    ['one takes away what it brought', [layer('a-1'), layer('-a-1')], [layer()], []],
    // A layer deletes from those below it, not from itself.
    ['a layer brings what it takes away', [layer('a-1', '-a-1')], [layer('a-1')], []],
    ['the base had another version', [layer('-a-1', 'a-2')], [layer()], ['a 2 > 1']],
    ['both replace what the base had', [layer('-a-1', 'a-2')], [layer('-a-1', 'a-3')], ['a 2 > 3']],
    ['both take away what the base had', [layer('-a-1')], [layer(), layer('-a-1')], []],
    ['one takes away what the base had', [layer('-a-1')], [layer('b-1')], ['a onlyInB 1', 'b onlyInB 1']],
    ['one takes away by name what the other does with the folder', [layer('-a-1')], [layer(`-${SITE}/`)], []],
    ['the packages’ folder is emptied', [layer('a-1'), layer(`-${SITE}/`)], [layer('a-1')], ['a onlyInB 1']],
    ['a folder above is deleted', [layer('a-1'), layer('-usr/local', 'b-1')], [layer('b-1')], []],
    ['a package’s folder is made anew', [layer('a-1'), layer(`-${SITE}/a-1.dist-info/`, 'a-1')], [layer('a-1')], []],
    ['all is deleted', [layer('a-1'), { ...layer(), deleted: [''] }], [layer()], []],
    ['a folder that is called alike is deleted', [layer('a-1'), layer('-usr/loc', '-opt/usr')], [layer('a-1')], []],
    ['another Python has them', [layer(`${SITE}/a-1.dist-info`)], [layer(`${OTHER}/a-1.dist-info`)], []],
    [
      'two Pythons have them',
      [layer(`${SITE}/a-1.dist-info`, `${OTHER}/a-2.dist-info`)],
      [layer(`${SITE}/a-1.dist-info`)],
      ['a 1,2 > 1'],
    ],
    // All that is known.
    ['the base may have what only one brings', [layer('a-1')], [layer()], ['a onlyInA 1']],
  ];
  for (const [what, a, b, expected] of cases) {
    it(`are ${expected.length === 0 ? 'none' : expected.join(' and ')} where ${what}`, () => {
      expect(text(a, b)).to.deep.equal(expected);
    });
  }

  const words = fc.constantFrom(
    'a-1',
    'a-2',
    '-a-1',
    '-a-2',
    'b-1',
    '-b-1',
    `-${SITE}/`,
    '-usr',
    `${OTHER}/a-1.dist-info`,
  );
  const layers = fc.array(
    fc.array(words, { maxLength: 4 }).map((each) => layer(...each)),
    { maxLength: 4 },
  );

  it('are none between an image and itself', () => {
    fc.assert(
      fc.property(layers, (one) => {
        expect(text(one, one)).to.deep.equal([]);
      }),
    );
  });

  it('are the same with both sides swapped', () => {
    const back = { onlyInA: 'onlyInB', onlyInB: 'onlyInA', changed: 'changed' } as const;
    fc.assert(
      fc.property(layers, layers, (one, other) => {
        const swapped = changedPackages(one, other).map(({ name, change, a, b }) => ({
          name,
          change: back[change],
          a: b,
          b: a,
        }));
        expect(changedPackages(other, one)).to.deep.equal(swapped);
      }),
    );
  });

  it('are as the images have them, whatever the common base has', () => {
    /** What is in an image, by its folders. */
    const has = (all: readonly LayerPackages[]) => {
      const found = new Set<string>();
      for (const { packages, deleted } of all) {
        for (const each of found)
          if (deleted.some((gone) => `${each}/`.startsWith(gone.endsWith('/') ? gone : `${gone}/`))) found.delete(each);
        for (const each of packages) found.add(each);
      }
      return found;
    };
    // An installer leaves a whiteout only of what was there.
    const bases = fc.constantFrom(layer('a-1', 'b-1'), layer('a-2'), layer('b-1'));
    fc.assert(
      fc.property(bases, layers, layers, (base, one, other) => {
        const real = ([first, ...rest]: readonly LayerPackages[]): LayerPackages[] => {
          const done: LayerPackages[] = [];
          for (const each of first === undefined ? [] : [first, ...rest]) {
            const there = has([base, ...done]);
            const isThere = (gone: string) => !gone.endsWith('.dist-info') || there.has(gone);
            done.push({ ...each, deleted: each.deleted.filter(isThere) });
          }
          return done;
        };
        const [a, b] = [real(one), real(other)];
        const [inA, inB] = [has([base, ...a]), has([base, ...b])];
        for (const { a: versions, b: others } of changedPackages(a, b).filter(({ name }) => name === 'b')) {
          // What is called missing may be in the base, and what is called present is.
          if (versions.length > 0) expect(inA.has(`${SITE}/b-1.dist-info`)).to.equal(true);
          if (others.length > 0) expect(inB.has(`${SITE}/b-1.dist-info`)).to.equal(true);
        }
      }),
    );
  });
});

describe('the layers that are read for it', () => {
  const opened: string[] = [];
  const layerOf = (name: string, tar: Buffer): Layer => {
    const bytes = gzipSync(tar);
    return {
      descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(bytes), size: bytes.length },
      diffId: digestOf(tar),
      open: async function* () {
        opened.push(name);
        yield await Promise.resolve(bytes);
      },
    };
  };
  const installs = async (name: string, ...packages: readonly string[]) =>
    layerOf(
      name,
      await layerBytes({ [name]: '', ...Object.fromEntries(packages.map((each) => [`${SITE}/${each}`, ''])) }),
    );
  const memory = () => {
    const kept = new Map<string, LayerPackages>();
    return {
      find: (digest: string) => Promise.resolve(kept.get(digest)),
      remember: (digest: string, packages: LayerPackages) => Promise.resolve(void kept.set(digest, packages)),
    };
  };

  beforeEach(() => {
    opened.length = 0;
  });

  it('are those above the common base, each once, and never again', async () => {
    const base = await installs('base', 'a-1.dist-info/RECORD');
    const [one, other] = [
      await installs('one', 'b-1.dist-info/RECORD'),
      await installs('other', 'b-2.dist-info/RECORD'),
    ];
    const top = await installs('top', '.wh.b-1.dist-info');
    const store = memory();
    const steps: string[] = [];
    const onLayer = (number: number, of: number): void => void steps.push(`${number}/${of}`);
    const difference = await packageDifference([base, one, top], [base, other, top], { store, onLayer });
    expect(difference).to.deep.equal({
      changes: [{ name: 'b', change: 'onlyInB', a: [], b: ['2'] }],
      unread: [],
    });
    expect(opened).to.deep.equal(['one', 'top', 'other']);
    expect(steps).to.deep.equal(['1/3', '2/3', '3/3']);
    expect(await packageDifference([base, one, top], [base, other, top], { store })).to.deep.equal(difference);
    expect(opened).to.have.length(3);
  });

  it('are none for one image', async () => {
    const base = await installs('base', 'a-1.dist-info/RECORD');
    expect(await packageDifference([base], [base], { store: memory() })).to.deep.equal({ changes: [], unread: [] });
    expect(opened).to.deep.equal([]);
  });

  it('are named where they cannot be read', async () => {
    const store = { ...memory(), find: () => Promise.resolve({ packages: [], deleted: [], isUnread: true }) };
    const zstd = await installs('zstd');
    const { unread } = await packageDifference([zstd], [], { store });
    expect(unread).to.deep.equal([zstd.descriptor.digest]);
  });

  it('are not remembered where reading them breaks', async () => {
    const store = memory();
    const whole = await installs('whole', 'a-1.dist-info/RECORD');
    const cut: Layer = {
      ...whole,
      open: async function* () {
        for await (const bytes of whole.open()) yield bytes.subarray(0, 40);
        throw new Error('cut off');
      },
    };
    expect(await packageDifference([cut], [], { store }).catch((error: unknown) => error)).to.have.property(
      'message',
      'cut off',
    );
    expect(await store.find(whole.descriptor.digest)).to.equal(undefined);
  });
});
