import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { NO_EARLIER_LAYERS, type EarlierLayers } from '../../../../src/builders/layers/earlier-layers.js';
import { KeptLayers } from '../../../../src/builders/layers/kept-layers.js';
import { LAYER_ANNOTATIONS } from '../../../../src/builders/layers/layer-recipe.js';
import type { Contest } from '../../../../src/builders/layers/omissions.js';
import { packageLayers, type PackageLayers } from '../../../../src/builders/layers/package-layers.js';
import type { PackageLayersInput, PackageLayersParts } from '../../../../src/builders/layers/wheel-reader.js';
import type { LockedPackage } from '../../../../src/builders/layers/resolve/locked-package.js';
import type { Bytecode } from '../../../../src/builders/layers/wheels/bytecode.js';
import { fetchedOnce } from '../../../../src/builders/layers/wheels/fetched-once.js';
import { FolderCache } from '../../../../src/cache/file-cache.js';
import type { Layer } from '../../../../src/image/layer.js';
import { readLayer } from '../../../../src/image/read-layer.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { DEBIAN_FACTS } from './base/facts.js';
import { wheelFile } from './wheels/wheel-file.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const OPT = { type: 'folder', path: 'opt', mode: 0o755, uid: 0, gid: 0 } as const;
/** What the planner puts into a layer of its own. */
const HEAVY = 2_000_000;

interface TestWheel {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly locked: LockedPackage;
}

function testWheel(name: string, files: Readonly<Record<string, string>>): TestWheel {
  const bytes = wheelFile(files, { name });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const filename = `${name}-1.0-py3-none-any.whl`;
  const url = `https://index.example.com/${filename}`;
  const artifact = { kind: 'wheel', url, filename, sha256, size: HEAVY, isDirect: false } as const;
  return { bytes, sha256, locked: { name, version: '1.0', artifact } };
}

const ALONE = ['one', 'two', 'three'].map((name) => testWheel(name, { [`${name}/__init__.py`]: `name = '${name}'\n` }));
/** Both have the same file, with different content; a third one is no neighbour of theirs. */
const RIVALS = [
  testWheel('anna', { 'shared/__init__.py': '', 'shared/a.py': 'of = "anna"\n', 'shared/own.py': '' }),
  testWheel('bert', { 'shared/__init__.py': '', 'shared/a.py': 'of = "bert"\n' }),
];

describe('the layers of the packages', () => {
  let folder: TemporaryFolder;
  let fetched: string[];
  let compiled: number;
  /** How often a Python that compiles was looked for, and an earlier image read. */
  let [pythons, readings] = [0, 0];
  let contests: Contest[];
  /** Which wheels the image has, where something is packed; and how many layers were known, whenever one more was. */
  let [packings, heard]: [string[][], number[]] = [[], []];

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    [fetched, compiled, contests, pythons, readings, packings, heard] = [[], 0, [], 0, 0, [], []];
  });

  afterEach(() => folder.remove());

  async function* compile(jobs: readonly Bytecode['job'][]): AsyncGenerator<Bytecode> {
    for (const job of jobs) {
      compiled += 1;
      const pyc = job.sources.map(({ path }) => ({
        path: path.replace(/([^/]+)\.py$/, '__pycache__/$1.cpython-311.pyc'),
        text: `pyc of ${path} in ${job.wheel.slice(folder.path.length)}`,
      }));
      await writeFile(job.output, pyc.map(({ text }) => text).join(''));
      let offset = 0;
      const files = pyc.map(({ path, text }) => ({
        path,
        size: text.length,
        offset: (offset += text.length) - text.length,
      }));
      yield { job, files, skipped: [] };
    }
  }

  async function make(
    wheels: readonly TestWheel[],
    changes: Partial<PackageLayersInput> = {},
    {
      cache = 'cache',
      earlier = NO_EARLIER_LAYERS,
      compiler = '3.11.2',
    }: { cache?: string; earlier?: EarlierLayers; compiler?: string } = {},
  ): Promise<PackageLayers> {
    const kept = new FolderCache(folder.file(cache));
    let reading: Promise<EarlierLayers> | undefined;
    const input: PackageLayersInput = {
      ...{ packages: wheels.map(({ locked }) => locked), python: DEBIAN_FACTS.python, bytecode: false },
      ...{ gzip: 'members', baseLayers: 1, budget: 50, root: 'opt/venv', folders: [OPT], ...changes },
    };
    const parts: PackageLayersParts = {
      ...{ cache: kept, kept: new KeptLayers(kept), compile },
      earlier: () => (reading ??= Promise.resolve(((readings += 1), earlier))),
      compiler: () => Promise.resolve(((pythons += 1), { program: 'python3.11', version: compiler })),
      fetch: fetchedOnce(async (packages) => {
        const found = wheels.filter(({ locked }) => packages.includes(locked));
        const pairs = found.map(async ({ bytes, sha256, locked: { name } }) => {
          fetched.push(name);
          await folder.write({ [`wheels/${name}`]: bytes });
          const file = folder.file(`wheels/${name}`);
          const filename = `${name}-1.0-py3-none-any.whl`;
          return [name, { name, filename, file, sha256, version: '1.0', size: HEAVY, directUrl: undefined }] as const;
        });
        return new Map(await Promise.all(pairs));
      }),
      onContests: (found) => contests.push(...found),
      onPacking: (shipped) => packings.push(shipped.map(({ name }) => name)),
      onLayer: (_, { done }) => heard.push(done),
    };
    return packageLayers(input, parts);
  }

  const keysOf = ({ added }: PackageLayers) => added.map(({ annotations }) => annotations?.[LAYER_ANNOTATIONS.recipe]);
  const digestsOf = ({ added }: PackageLayers) => added.map(({ layer }) => layer.descriptor.digest);

  /** What an image with these layers spares the next build. */
  function earlierOf({ recorded, added }: PackageLayers): EarlierLayers {
    return {
      layers: new Map(recorded.map(({ key }, index) => [key, added[index]?.layer ?? expect.fail('no layer')])),
      wheels: new Map(recorded.flatMap(({ wheels }) => wheels.map((wheel) => [wheel.sha256, wheel]))),
    };
  }

  async function filesOf(layer: Layer | undefined): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    await readLayer(layer?.open() ?? expect.fail('no layer'), async ({ path, type, content }) => {
      if (type === 'file') found[path.replace(`${SITE}/`, '')] = (await content()).toString('utf8');
    });
    return found;
  }

  it('are packed once, and taken from the cache without fetching anything afterwards', async () => {
    const first = await make(ALONE);
    expect([fetched.sort(), first.packed]).to.deep.equal([['one', 'three', 'two'], 3]);
    expect(first.added.map(({ step: { createdBy } }) => createdBy)).to.deep.equal(
      ['one', 'three', 'two'].map((name) => `kdeploy layers: ${name}==1.0`),
    );
    expect(await filesOf(first.added[0]?.layer)).to.include({ 'one/__init__.py': "name = 'one'\n" });
    expect([packings, heard]).to.deep.equal([[['one', 'three', 'two']], [1, 2, 3]]);
    [fetched, packings, heard] = [[], [], []];
    const second = await make(ALONE);
    expect([fetched, second.packed]).to.deep.equal([[], 0]);
    expect([packings, heard], 'nothing is packed').to.deep.equal([[], [1, 2, 3]]);
    expect(second.added.map(({ layer: { descriptor, diffId } }) => ({ descriptor, diffId }))).to.deep.equal(
      first.added.map(({ layer: { descriptor, diffId } }) => ({ descriptor, diffId })),
    );
    expect(second.wheels.map(({ filename }) => filename)).to.deep.equal(
      ['one', 'three', 'two'].map((name) => `${name}-1.0-py3-none-any.whl`),
    );
  });

  it('are taken from an earlier image by a machine with an empty cache, which fetches nothing', async () => {
    const first = await make([...ALONE, ...RIVALS]);
    [fetched, contests] = [[], []];
    const again = await make([...ALONE, ...RIVALS], {}, { cache: 'empty', earlier: earlierOf(first) });
    expect([fetched, again.packed]).to.deep.equal([[], 0]);
    expect([digestsOf(again), keysOf(again), again.recorded]).to.deep.equal([
      ...[digestsOf(first), keysOf(first), first.recorded],
    ]);
  });

  it('are packed one by one where only a package is new', async () => {
    const [one, two, three] = ALONE as [TestWheel, TestWheel, TestWheel];
    const first = await make([one, two]);
    fetched = [];
    const more = await make([one, two, three], {}, { cache: 'empty', earlier: earlierOf(first) });
    expect([fetched, more.packed]).to.deep.equal([['three'], 1]);
    expect(digestsOf(more)).to.include.members(digestsOf(first));
  });

  it('have the same keys and digests whatever the order of the packages, and in every cache', async () => {
    const all = [...ALONE, ...RIVALS];
    const orders = [all, all.toReversed(), [2, 4, 0, 3, 1].map((index) => all[index] ?? expect.fail())];
    const made: PackageLayers[] = [];
    // In layers of their own, and with all that is shared in one.
    for (const budget of [50, 10])
      for (const [index, order] of orders.entries())
        made.push(await make(order, { budget, bytecode: true }, { cache: `${budget}-${index}` }));
    for (const results of [made.slice(0, 3), made.slice(3)]) {
      expect(new Set(results.map((each) => keysOf(each).join())).size).to.equal(1);
      expect(new Set(results.map((each) => digestsOf(each).join())).size).to.equal(1);
    }
    expect([made[0]?.added.length, made[3]?.added.length]).to.deep.equal([5, 1]);
  });

  it('have a contested file and its bytecode of one wheel, in one layer or in two, and say so', async () => {
    for (const budget of [50, 10]) {
      contests = [];
      const { added } = await make(RIVALS.toReversed(), { budget, bytecode: true }, { cache: `cache ${budget}` });
      expect(contests).to.deep.equal([{ path: `${SITE}/shared/a.py`, winner: 'bert', losers: ['anna'] }]);
      const layers = await Promise.all(added.map(({ layer }) => filesOf(layer)));
      // However they are unpacked, each path has one content.
      for (const order of [layers, layers.toReversed()]) {
        const files = Object.assign({}, ...order) as Record<string, string>;
        expect(files['shared/a.py']).to.equal('of = "bert"\n');
        expect(files['shared/__pycache__/a.cpython-311.pyc']).to.match(/ in .*bert$/);
        expect(files).to.include.keys('shared/own.py', 'anna-1.0.dist-info/RECORD', 'bert-1.0.dist-info/RECORD');
        expect(files['anna-1.0.dist-info/RECORD']).to.contain('shared/a.py');
      }
    }
  });

  it('have contests that are said each time, with what the cache or an earlier image knows of them', async () => {
    const contest = { path: `${SITE}/shared/a.py`, winner: 'bert', losers: ['anna'] };
    const first = await make(RIVALS);
    fetched = [];
    await make(RIVALS);
    await make(RIVALS, {}, { cache: 'empty', earlier: earlierOf(first) });
    expect([fetched, contests]).to.deep.equal([[], [contest, contest, contest]]);
  });

  it('are compared again where the winner of an earlier image is gone', async () => {
    const [anna] = RIVALS as [TestWheel, TestWheel];
    const first = await make(RIVALS);
    const { added } = await make([anna], {}, { cache: 'empty', earlier: earlierOf(first) });
    expect(await filesOf(added[0]?.layer)).to.include({ 'shared/a.py': 'of = "anna"\n' });
  });

  it('are functions of the Python, its bytecode, and the form of gzip', async () => {
    const bytecode = true;
    const changes: readonly (readonly [Partial<PackageLayersInput>, compiler?: string])[] = [
      ...([[{}], [{ bytecode }], [{ gzip: 'single' }]] as const),
      ...([[{ python: { ...DEBIAN_FACTS.python, version: '3.12.0' } }]] as const),
      // Of which this machine has another patch version.
      [{ bytecode, python: { ...DEBIAN_FACTS.python, version: '3.11.9' } }, '3.11.3'],
    ];
    const keys = [];
    for (const [change, compiler] of changes)
      keys.push(
        keysOf(await make(ALONE, change, { cache: String(keys.length), compiler: compiler ?? '3.11.2' })).join(),
      );
    expect(new Set(keys).size).to.equal(changes.length);
    const patch = await make(ALONE, { python: { ...DEBIAN_FACTS.python, version: '3.11.9' } });
    expect(keysOf(patch).join()).to.equal(keys[0]);
    expect(compiled).to.equal(6);
  });

  it('need neither a Python nor an earlier image where the cache has them, and no Python where the image has them', async () => {
    const first = await make(ALONE, { bytecode: true });
    expect([pythons, readings, first.compiledBy]).to.deep.equal([1, 1, ['3.11.2']]);
    const second = await make(ALONE, { bytecode: true });
    expect([pythons, readings, second.compiledBy]).to.deep.equal([1, 1, ['3.11.2']]);
    const cold = await make(ALONE, { bytecode: true }, { cache: 'empty', earlier: earlierOf(first) });
    expect([pythons, digestsOf(cold)]).to.deep.equal([1, digestsOf(first)]);
    expect((await make(ALONE)).compiledBy).to.deep.equal([]);
  });

  it('keep the bytecode of the image’s own Python where they have it, and compile by another patch version what is missing', async () => {
    const [one, two, three] = ALONE as [TestWheel, TestWheel, TestWheel];
    const first = await make([one, two], { bytecode: true });
    const elsewhere = { compiler: '3.11.7', cache: 'other machine', earlier: earlierOf(first) };
    const mixed = await make([one, two, three], { bytecode: true }, elsewhere);
    expect([mixed.packed, mixed.compiledBy.toSorted()]).to.deep.equal([1, ['3.11.2', '3.11.7']]);
    expect(digestsOf(mixed)).to.include.members(digestsOf(first));
    // Again on that machine: its own layers are known.
    const again = await make([one, two, three], { bytecode: true }, elsewhere);
    expect([again.packed, digestsOf(again)]).to.deep.equal([0, digestsOf(mixed)]);
  });

  it('are functions of the place of the environment, and of what leads there', async () => {
    const plain = await make(ALONE);
    for (const change of [{ folders: [{ ...OPT, mode: 0o2775, gid: 50 }] }, { root: 'data/opt/venv', folders: [] }]) {
      const [kept, alone] = [
        await make(ALONE, change),
        await make(ALONE, change, { cache: JSON.stringify(change).replaceAll('/', '') }),
      ];
      expect(digestsOf(kept)).to.deep.equal(digestsOf(alone));
      expect(keysOf(kept)).not.to.deep.equal(keysOf(plain));
    }
  });

  it('are made anew where what is kept of comparisons is damaged', async () => {
    const first = await make(RIVALS);
    const cache = new FolderCache(folder.file('cache'));
    for (const text of ['', '[["', 'null', '{}', '[1]', '[["x","bert",[1]]]']) {
      for (const { kind, key } of await cache.entries())
        if (kind === 'contests') await writeFile(folder.file(`cache/${kind}/${key}`), text);
      expect(digestsOf(await make(RIVALS)), text).to.deep.equal(digestsOf(first));
    }
  });

  it('are made anew where what is kept of wheels is damaged', async () => {
    const first = await make(ALONE);
    const cache = new FolderCache(folder.file('cache'));
    for (const text of ['', '{"size":', 'null', '{"size":1}', '{"size":1,"roots":[1]}']) {
      for (const { kind, key } of await cache.entries())
        if (kind === 'wheel-facts') await writeFile(folder.file(`cache/${kind}/${key}`), text);
      expect(digestsOf(await make(ALONE)), text).to.deep.equal(digestsOf(first));
    }
  });

  it('are those of packages called like what every object in JavaScript has', async () => {
    const wheels = [
      testWheel('constructor', { 'shared/__init__.py': '', 'shared/a.py': '1\n' }),
      testWheel('valueof', { 'shared/__init__.py': '', 'shared/a.py': '2\n' }),
    ];
    const { added, recorded } = await make(wheels);
    expect(contests.map(({ winner, losers }) => [winner, losers])).to.deep.equal([['valueof', ['constructor']]]);
    expect(recorded.map(({ wheels: [each] }) => each?.omitted)).to.deep.equal([[`${SITE}/shared/a.py`], []]);
    expect(await filesOf(added[1]?.layer)).to.include({ 'shared/a.py': '2\n' });
    expect(digestsOf(await make(wheels))).to.deep.equal(digestsOf({ added } as PackageLayers));
    const alone = await make([testWheel('constructor', { 'constructor.py': '' })]);
    expect(alone.recorded[0]?.wheels[0]?.omitted).to.deep.equal([]);
  });

  it('are none for no packages', async () => {
    expect(await make([])).to.deep.equal({ added: [], recorded: [], wheels: [], packed: 0, compiledBy: [] });
  });
});
