import { expect } from 'chai';
import fc from 'fast-check';
import {
  formatRecorded,
  parseRecorded,
  recipeKey,
  type LayerRecipe,
  type RecordedLayer,
} from '../../../../src/builders/layers/layer-recipe.js';

type WheelOfRecipe = LayerRecipe['wheels'][number];

const SITE = 'opt/venv/lib/python3.11/site-packages';
const OPT = { type: 'folder', path: 'opt', mode: 0o755, uid: 0, gid: 0 } as const;
const NUMPY: WheelOfRecipe = {
  ...{ name: 'numpy', version: '2.3.5', sha256: '1'.repeat(64), omitted: [], directUrl: undefined },
};
const PANDAS: WheelOfRecipe = {
  ...{ name: 'pandas', version: '2.3.3', sha256: '2'.repeat(64), omitted: [`${SITE}/x.py`], directUrl: undefined },
};
const RECIPE: LayerRecipe = {
  ...{ python: '3.11', bytecode: '3.11.2', gzip: 'members', root: 'opt/venv', folders: [OPT], wheels: [NUMPY, PANDAS] },
};
const GIT = {
  url: 'https://example.com/a.git',
  vcs_info: { vcs: 'git', commit_id: 'a'.repeat(40) },
  subdirectory: 'lib',
};

const withWheel = (changes: Partial<WheelOfRecipe>): LayerRecipe => ({
  ...RECIPE,
  wheels: [{ ...NUMPY, ...changes }, PANDAS],
});
const withFolder = (changes: Partial<typeof OPT> | Readonly<Record<string, unknown>>): LayerRecipe => ({
  ...RECIPE,
  folders: [{ ...OPT, ...changes }],
});

describe('the key of a recipe', () => {
  const changes: readonly (readonly [what: string, recipe: LayerRecipe])[] = [
    ['nothing', RECIPE],
    ['the Python', { ...RECIPE, python: '3.12' }],
    ['the Python, to one that only begins like it', { ...RECIPE, python: '3.1' }],
    ['the patch version that compiled', { ...RECIPE, bytecode: '3.11.3' }],
    ['no bytecode', { ...RECIPE, bytecode: undefined }],
    ['bytecode by something called so', { ...RECIPE, bytecode: 'null' }],
    ['the form of gzip', { ...RECIPE, gzip: 'single' }],
    ['the place of the environment', { ...RECIPE, root: 'data/venv' }],
    ['no folders above', { ...RECIPE, folders: [] }],
    ['one more folder', { ...RECIPE, folders: [OPT, { ...OPT, path: 'opt/x' }] }],
    ['the path of a folder', withFolder({ path: 'data' })],
    ['the mode of a folder', withFolder({ mode: 0o2755 })],
    ['the user of a folder', withFolder({ uid: 5 })],
    ['the group of a folder', withFolder({ gid: 5 })],
    ['the name of a wheel', withWheel({ name: 'numpi' })],
    ['the version of a wheel', withWheel({ version: '2.3.50' })],
    ['the hash of a wheel', withWheel({ sha256: '3'.repeat(64) })],
    ['what a wheel leaves out', withWheel({ omitted: [`${SITE}/x.py`] })],
    ['more of what a wheel leaves out', withWheel({ omitted: [`${SITE}/x.py`, `${SITE}/y.py`] })],
    ['two names in one', withWheel({ omitted: [`${SITE}/x.py,${SITE}/y.py`] })],
    ['where a wheel comes from', withWheel({ directUrl: GIT })],
    ['its commit', withWheel({ directUrl: { ...GIT, vcs_info: { ...GIT.vcs_info, commit_id: 'b'.repeat(40) } } })],
    ['its folder', withWheel({ directUrl: { url: GIT.url, vcs_info: GIT.vcs_info } })],
    ['an empty origin', withWheel({ directUrl: {} })],
    ['one wheel less', { ...RECIPE, wheels: [NUMPY] }],
    ['no wheels', { ...RECIPE, wheels: [] }],
    ['a wheel twice', { ...RECIPE, wheels: [NUMPY, NUMPY, PANDAS] }],
    ['the order of the wheels', { ...RECIPE, wheels: [PANDAS, NUMPY] }],
    ['name and version in another way', withWheel({ name: 'numpy2', version: '.3.5' })],
  ];

  it('is another one for each change of each part', () => {
    const whatOf = new Map<string, string>();
    for (const [what, recipe] of changes) {
      const key = recipeKey(recipe);
      expect(whatOf.get(key), `${what} has the key of`).to.equal(undefined);
      whatOf.set(key, what);
    }
  });

  it('says nothing but what the layer is made of: neither roots nor anything else that a wheel is known by', () => {
    const more = {
      ...RECIPE,
      created: '2026-11-27',
      wheels: RECIPE.wheels.map((wheel) => ({ ...wheel, roots: ['x'], size: 5, wheel: {} })),
    };
    expect(recipeKey(more)).to.equal(recipeKey(RECIPE));
  });

  it('is the same for an origin that was read in another order', () => {
    const { url, vcs_info, subdirectory } = GIT;
    const turned = { subdirectory, vcs_info, url };
    expect(recipeKey(withWheel({ directUrl: turned }))).to.equal(recipeKey(withWheel({ directUrl: GIT })));
  });

  it('is the same on every machine and in every version, as long as the same wheels give the same bytes', () => {
    // Where this is to be changed, FORMAT_VERSION is: else machines with two versions of kdeploy share no layers, or wrong ones.
    expect(recipeKey(RECIPE)).to.equal('2d80ea27f5d3185579294b86258baf81bca86f4c9e0e1e6af87930156fb16991');
  });

  it('is one for equal recipes, and two for different ones', () => {
    const text = fc.oneof(
      fc.constantFrom('', 'a', 'b', 'a,b', '"', 'null'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const number = fc.constantFrom(0, 1, 0o755);
    const recipe: fc.Arbitrary<LayerRecipe> = fc.record({
      ...{ python: text, bytecode: fc.option(text, { nil: undefined }), gzip: fc.constantFrom('members', 'single') },
      root: text,
      folders: fc.array(
        fc.record({ type: fc.constant('folder' as const), path: text, mode: number, uid: number, gid: number }),
        { maxLength: 2 },
      ),
      wheels: fc.array(
        fc.record({
          ...{ name: text, version: text, sha256: text, omitted: fc.array(text, { maxLength: 2 }) },
          directUrl: fc.option(fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true }), { nil: undefined }),
        }),
        { maxLength: 2 },
      ),
    });
    const ordered = ({ wheels, ...rest }: LayerRecipe) =>
      JSON.stringify([
        ...[rest.python, rest.bytecode ?? null, rest.gzip, rest.root],
        rest.folders.map(({ path, mode, uid, gid }) => [path, mode, uid, gid]),
        wheels.map(({ name, version, sha256, omitted, directUrl }) => [
          ...[name, version, sha256, omitted],
          directUrl === undefined ? null : Object.entries(directUrl).sort(([one], [other]) => (one < other ? -1 : 1)),
        ]),
      ]);
    fc.assert(
      fc.property(recipe, recipe, (one, other) => {
        expect(recipeKey(structuredClone(one))).to.equal(recipeKey(one));
        expect(recipeKey(one)).to.match(/^[0-9a-f]{64}$/);
        expect(recipeKey(one) === recipeKey(other)).to.equal(ordered(one) === ordered(other));
      }),
      { numRuns: 300 },
    );
  });
});

const KEY = 'c'.repeat(64);
const LAYER: RecordedLayer = {
  ...{ key: KEY, digest: `sha256:${'d'.repeat(64)}`, diffId: `sha256:${'e'.repeat(64)}`, size: 5 },
  wheels: [
    {
      ...{ name: 'numpy', version: '2.3.5', sha256: '1'.repeat(64) },
      roots: [`${SITE}/numpy`, `${SITE}/numpy.libs/libx.so`, 'opt/venv/bin/f2py'],
      omitted: [`${SITE}/x.py`],
    },
  ],
};
const [WHEEL] = LAYER.wheels as [RecordedLayer['wheels'][number]];

describe('what an image says of its layers', () => {
  it('is read back as it was said', () => {
    const nothing = { ...WHEEL, roots: [], omitted: [] };
    for (const layers of [[], [LAYER], [LAYER, { ...LAYER, size: 0, wheels: [] }], [{ ...LAYER, wheels: [nothing] }]])
      expect(parseRecorded(formatRecorded(layers, SITE), SITE)).to.deep.equal(layers);
  });

  it('is read back whatever names, versions and paths are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('', '/', '//', '.', 'é', '"'));
    const path = fc.oneof(
      text,
      text.map((each) => `${SITE}/${each}`),
      fc.constantFrom(SITE, `${SITE}/`, `${SITE}-x/y`, `/${SITE}/a`),
    );
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
    const digest = hex.map((each) => `sha256:${each}` as const);
    const wheel = fc.record({
      ...{ name: text, version: text, sha256: hex, roots: fc.array(path), omitted: fc.array(path) },
    });
    const layer: fc.Arbitrary<RecordedLayer> = fc.record({
      ...{ key: hex, digest, diffId: digest, size: fc.maxSafeNat(), wheels: fc.array(wheel, { maxLength: 3 }) },
    });
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 3 }), (layers) => {
        expect(parseRecorded(formatRecorded(layers, SITE), SITE)).to.deep.equal(layers);
      }),
    );
  });

  it('says nothing of wheels that are installed elsewhere, or for another Python', () => {
    const text = formatRecorded([LAYER], SITE);
    for (const other of [
      'opt/venv/lib/python3.12/site-packages',
      'data/venv/lib/python3.11/site-packages',
      '',
      `${SITE}/`,
    ])
      expect(parseRecorded(text, other), other).to.deep.equal([]);
  });

  it('says nothing where there is none, or it is no label of these layers', () => {
    const list = JSON.parse(formatRecorded([LAYER], SITE)) as unknown[];
    const texts: readonly (string | undefined)[] = [
      ...[undefined, '', ' ', 'x', 'null', '1', '"x"', '{}', '[]', '[1]', '[[]]', '{"length":3}'],
      formatRecorded([LAYER], SITE).slice(0, -1),
      `${formatRecorded([LAYER], SITE)}]`,
      JSON.stringify([0, ...list.slice(1)]),
      JSON.stringify([2, ...list.slice(1)]),
      JSON.stringify(['1', ...list.slice(1)]),
      JSON.stringify([1, SITE]),
      JSON.stringify([1, SITE, null]),
      JSON.stringify([1, SITE, {}]),
      JSON.stringify([1, SITE, 'x']),
      JSON.stringify([1, null, list[2]]),
      // As deep as a text of its size can be.
      '['.repeat(100_000),
      `[1,${JSON.stringify(SITE)},${'['.repeat(50_000)}${']'.repeat(50_000)}]`,
    ];
    for (const text of texts) expect(parseRecorded(text, SITE), text?.slice(0, 80)).to.deep.equal([]);
  });

  const entry = () => (JSON.parse(formatRecorded([LAYER], SITE)) as [1, string, [unknown[]]])[2][0];
  const wheelEntry = () => (entry()[4] as unknown[][])[0] ?? [];
  const replaced = (list: readonly unknown[], at: number, value: unknown) => list.with(at, value);
  const damaged: readonly (readonly [what: string, entry: unknown])[] = [
    ...[null, 1, 'x', true, {}, []].map((each) => [`an entry that is ${JSON.stringify(each)}`, each] as const),
    ...[null, 1, '', 'c'.repeat(63), 'c'.repeat(65), 'C'.repeat(64), `${'c'.repeat(64)}\n`, [KEY]].map(
      (key) => [`the key ${JSON.stringify(key)}`, replaced(entry(), 0, key)] as const,
    ),
    ...[1, 2].flatMap((at) =>
      [
        null,
        1,
        '',
        'd'.repeat(64),
        `sha256:${'d'.repeat(63)}`,
        `sha256:${'D'.repeat(64)}`,
        `md5:${'d'.repeat(32)}`,
      ].map(
        (digest) =>
          [`${at === 1 ? 'the digest' : 'the diff ID'} ${String(digest)}`, replaced(entry(), at, digest)] as const,
      ),
    ),
    ...[null, '5', -1, 0.5, 2 ** 53, [5], {}].map(
      (size) => [`the size ${JSON.stringify(size)}`, replaced(entry(), 3, size)] as const,
    ),
    ...[null, 'x', {}, 5].map((each) => [`the wheels ${JSON.stringify(each)}`, replaced(entry(), 4, each)] as const),
    ['no wheels', entry().slice(0, 4)],
    ...[null, 'numpy', {}, []].map(
      (each) => [`the wheel ${JSON.stringify(each)}`, replaced(entry(), 4, [each])] as const,
    ),
    ...[0, 1].flatMap((at) =>
      [null, 1, ['x'], {}].map(
        (each) =>
          [
            `${at === 0 ? 'the name' : 'the version'} ${JSON.stringify(each)}`,
            replaced(entry(), 4, [replaced(wheelEntry(), at, each)]),
          ] as const,
      ),
    ),
    ...[null, 1, '', 'x', '1'.repeat(63), '1'.repeat(65), 'A'.repeat(64), `sha256:${'1'.repeat(64)}`].map(
      (each) => [`the hash ${JSON.stringify(each)}`, replaced(entry(), 4, [replaced(wheelEntry(), 2, each)])] as const,
    ),
    ...[3, 4].flatMap((at) =>
      [null, 1, 'x', {}, [1], ['x', null], [['x']], undefined].map(
        (each) =>
          [
            `${at === 3 ? 'the roots' : 'the paths left out'} ${JSON.stringify(each)}`,
            replaced(entry(), 4, [replaced(wheelEntry(), at, each)]),
          ] as const,
      ),
    ),
    ['one good wheel and a damaged one', replaced(entry(), 4, [wheelEntry(), null])],
  ];
  for (const [what, each] of damaged)
    it(`is not believed of a layer with a damaged entry, but of the others: ${what}`, () => {
      const text = JSON.stringify([1, SITE, [entry(), each, entry()]]);
      expect(parseRecorded(text, SITE)).to.deep.equal([LAYER, LAYER]);
    });

  it('is not believed for a size that no number has', () => {
    const text = formatRecorded([LAYER], SITE);
    for (const size of ['1e999', '-1e999', '9007199254740993', '5.5'])
      expect(parseRecorded(text.replace(',5,[', `,${size},[`), SITE), size).to.deep.equal([]);
  });

  it('never throws, whatever the label is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify([1, SITE, value])),
          fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify([1, SITE, [replaced(entry(), 4, value)]])),
          fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify([1, SITE, [replaced(entry(), 4, [value])]])),
        ),
        (text) => {
          expect(parseRecorded(text, SITE)).to.be.an('array');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never is anything else than it was, where one character is another one', () => {
    const text = formatRecorded([LAYER], SITE);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('0', 'f', '"', ',', '[', ']', '/', ' ', '\u0000'),
        (at, other) => {
          for (const layer of parseRecorded(text.slice(0, at) + other + text.slice(at + 1), SITE)) {
            expect(layer).to.have.all.keys('key', 'digest', 'diffId', 'size', 'wheels');
            for (const wheel of layer.wheels)
              expect(wheel).to.have.all.keys('name', 'version', 'sha256', 'roots', 'omitted');
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is short: 115 wheels with usual roots take few kilobytes of each image', () => {
    const names = Array.from({ length: 115 }, (_, index) => `package-number-${index}`);
    const hex = (text: string) =>
      text
        .repeat(32)
        .slice(0, 64)
        .replaceAll(/[^0-9a-f]/g, '0');
    const layers = names.map((name, index): RecordedLayer => {
      const [digest, diffId] = [`sha256:${hex(`d${index}`)}`, `sha256:${hex(`e${index}`)}`] as const;
      const roots = [`${SITE}/${name}`, `${SITE}/${name}.libs`, `opt/venv/bin/${name}`];
      return {
        ...{ key: hex(`c${index}`), digest, diffId, size: 1_234_567 },
        wheels: [{ ...WHEEL, name, roots, omitted: [] }],
      };
    });
    const text = formatRecorded(layers, SITE);
    expect(text.length).to.be.at.most(60_000);
    expect(parseRecorded(text, SITE)).to.deep.equal(layers);
  });
});
