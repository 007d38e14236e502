import { createHash } from 'node:crypto';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { NO_EARLIER_LAYERS, type EarlierLayers } from '../../../../src/builders/layers/earlier-layers.js';
import { KeptLayers } from '../../../../src/builders/layers/kept-layers.js';
import type { RecipeWheel } from '../../../../src/builders/layers/layer-recipe.js';
import type { LockedPackage, WheelFile } from '../../../../src/builders/layers/resolve/locked-package.js';
import {
  WheelReader,
  type PackageLayersInput,
  type PackageLayersParts,
} from '../../../../src/builders/layers/wheel-reader.js';
import type { Bytecode } from '../../../../src/builders/layers/wheels/bytecode.js';
import { fetchedOnce } from '../../../../src/builders/layers/wheels/fetched-once.js';
import type { Wheel } from '../../../../src/builders/layers/wheels/wheel.js';
import { FolderCache } from '../../../../src/cache/file-cache.js';
import { readLayer } from '../../../../src/image/read-layer.js';
import type { Layer } from '../../../../src/image/layer.js';
import { failure } from '../../../support/failure.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { DEBIAN_FACTS } from './base/facts.js';
import { wheelFile } from './wheels/wheel-file.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const COMPILER = { program: 'python3.11', version: '3.11.2' };

interface TestWheel {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly locked: LockedPackage & { readonly artifact: WheelFile };
}

function testWheel(name: string, changes: Partial<WheelFile> = {}, bytes = wheelOf(name)): TestWheel {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const filename = `${name}-1.0-py3-none-any.whl`;
  const url = `https://index.example.com/${filename}`;
  const artifact = { kind: 'wheel', url, filename, sha256, size: bytes.length, isDirect: false, ...changes } as const;
  return { bytes, sha256, locked: { name, version: '1.0', artifact } };
}

function wheelOf(name: string): Buffer {
  return wheelFile({ [`${name}/__init__.py`]: `name = '${name}'\n`, [`${name}/more.py`]: '' }, { name });
}

/** What an earlier image says of a wheel. */
const recordOf = ({ sha256, locked }: TestWheel): RecipeWheel => ({
  ...{ name: locked.name, version: '1.0', sha256, roots: [`${SITE}/${locked.name}`], omitted: [] },
});
const [ONE, TWO, THREE] = ['one', 'two', 'three'].map((name) => testWheel(name)) as [TestWheel, TestWheel, TestWheel];

describe('what is read of wheels', () => {
  let folder: TemporaryFolder;
  /** Each call for wheels, by their names. */
  let fetched: string[][];
  let earlierReads: number;
  let readers: WheelReader[];

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    [fetched, earlierReads, readers] = [[], 0, []];
  });

  afterEach(async () => {
    for (const reader of readers) await reader.close();
    await folder.remove();
  });

  function reader(
    wheels: readonly TestWheel[],
    {
      earlier = NO_EARLIER_LAYERS,
      cache = 'cache',
      ...changes
    }: Partial<Omit<PackageLayersParts, 'earlier' | 'cache'>> & {
      readonly earlier?: EarlierLayers;
      readonly cache?: string;
    } = {},
  ): WheelReader {
    const kept = new FolderCache(folder.file(cache));
    const input: PackageLayersInput = {
      ...{ packages: wheels.map(({ locked }) => locked), python: DEBIAN_FACTS.python, bytecode: false },
      ...{ gzip: 'members', baseLayers: 1, budget: 50, root: 'opt/venv', folders: [] },
    };
    const parts: PackageLayersParts = {
      ...{ cache: kept, kept: new KeptLayers(kept), compile, onContests: () => undefined },
      ...{ onPacking: () => undefined, onLayer: () => undefined },
      compiler: () => Promise.resolve(COMPILER),
      earlier: () => Promise.resolve(((earlierReads += 1), earlier)),
      fetch: fetchedOnce(async (packages) => {
        fetched.push(packages.map(({ name }) => name));
        const found = wheels.filter(({ locked }) => packages.includes(locked));
        const pairs = found.map(async ({ bytes, sha256, locked: { name, artifact } }) => {
          await folder.write({ [`wheels/${name}`]: bytes });
          const { filename } = artifact;
          const wheel: Wheel = {
            ...{ name, filename, file: folder.file(`wheels/${name}`), sha256, version: '1.0', size: bytes.length },
            directUrl: undefined,
          };
          return [name, wheel] as const;
        });
        return new Map(await Promise.all(pairs));
      }),
      ...changes,
    };
    const made = new WheelReader(input, parts);
    readers.push(made);
    return made;
  }

  async function* compile(jobs: readonly Bytecode['job'][]): AsyncGenerator<Bytecode> {
    for (const job of jobs) {
      await writeFile(job.output, 'pyc');
      const files = job.sources.map(({ path }) => ({
        ...{ path: path.replace(/([^/]+)\.py$/, '__pycache__/$1.cpython-311.pyc'), offset: 0, size: 3 },
      }));
      yield { job, files, skipped: [] };
    }
  }

  const earlierWith = (...wheels: readonly TestWheel[]): EarlierLayers => ({
    layers: new Map(),
    wheels: new Map(wheels.map((wheel) => [wheel.sha256, recordOf(wheel)])),
  });

  async function pathsOf(layer: Layer): Promise<string[]> {
    const paths: string[] = [];
    await readLayer(layer.open(), ({ path, type }) => {
      if (type === 'file') paths.push(path.replace(`${SITE}/`, ''));
      return Promise.resolve();
    });
    return paths;
  }

  /** Of this process, the wheels that are open. */
  async function openWheels(): Promise<string[]> {
    const handles = await readdir('/proc/self/fd').catch(() => []);
    const names = await Promise.all(handles.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')));
    return names.filter((name) => name.startsWith(folder.file('wheels')));
  }

  describe('to know which layers there will be', () => {
    it('is fetched all at once where nothing is known, and comes in the order of the names', async () => {
      const known = await reader([TWO, THREE, ONE]).known();
      expect(fetched).to.deep.equal([['two', 'three', 'one']]);
      expect(known.map(({ name, version, sha256, size, roots }) => [name, version, sha256, size, roots])).to.deep.equal(
        [ONE, THREE, TWO].map(({ locked: { name }, sha256, bytes }) => [
          ...[name, '1.0', sha256, bytes.length, [`${SITE}/${name}`]],
        ]),
      );
    });

    it('is kept, so that the next build fetches nothing and reads no earlier image', async () => {
      const first = await reader([ONE, TWO]).known();
      [fetched, earlierReads] = [[], 0];
      expect(await reader([TWO, ONE]).known()).to.deep.equal(first);
      expect([fetched, earlierReads]).to.deep.equal([[], 0]);
    });

    it('comes from an earlier image, from the cache, and of those that neither knows from the wheel', async () => {
      await reader([ONE]).known();
      fetched = [];
      const mixed = await reader([THREE, ONE, TWO], { earlier: earlierWith(TWO) }).known();
      expect(fetched).to.deep.equal([['three']]);
      expect(mixed).to.deep.equal(await reader([ONE, TWO, THREE], { cache: 'other' }).known());
    });

    const asked: readonly (readonly [what: string, wheel: TestWheel, fetched: boolean])[] = [
      ['a size in the lock', TWO, false],
      ['no size in the lock', testWheel('two', { size: undefined }), true],
      ['no hash in the lock', testWheel('two', { sha256: undefined }), true],
      ['another hash in the lock', testWheel('two', { sha256: 'f'.repeat(64) }), true],
      ['no version', { ...TWO, locked: { ...TWO.locked, version: undefined } }, true],
    ];
    for (const [what, wheel, isFetched] of asked)
      it(`is ${isFetched ? 'not ' : ''}believed of an earlier image for a package with ${what}`, async () => {
        await reader([wheel], { earlier: earlierWith(TWO) }).known();
        expect(fetched).to.deep.equal(isFetched ? [['two']] : []);
      });

    it('has the real size where the wheel was seen, whatever the lock says', async () => {
      const wrong = testWheel('one', { size: 5_000_000 });
      for (const earlier of [NO_EARLIER_LAYERS, earlierWith(ONE)])
        expect((await reader([wrong], { earlier }).known())[0]?.size).to.equal(ONE.bytes.length);
    });

    it('is nothing for no packages', async () => {
      expect(await reader([]).known()).to.deep.equal([]);
      expect(fetched).to.deep.equal([]);
    });
  });

  describe('to compare and to pack it', () => {
    it('is fetched at most once, whatever is asked for in which order', async () => {
      const all = reader([ONE, TWO, THREE], { earlier: earlierWith(ONE, TWO, THREE) });
      await all.known();
      expect(fetched).to.deep.equal([]);
      await all.comparedFiles('two');
      await all.comparedFiles('two');
      const layers = [{ key: '1'.repeat(64), names: ['one', 'two'] }];
      await all.pack(layers, { omissions: {}, compiler: undefined }, () => undefined);
      await all.pack(layers, { omissions: {}, compiler: COMPILER }, () => undefined);
      await all.comparedFiles('one');
      expect(fetched).to.deep.equal([['two'], ['one']]);
    });

    it('is fetched at most once where two ask at the same time', async () => {
      const all = reader([ONE, TWO], { earlier: earlierWith(ONE, TWO) });
      const files = await Promise.all(['one', 'one', 'two', 'one'].map((name) => all.comparedFiles(name)));
      expect(fetched.flat().sort()).to.deep.equal(['one', 'two']);
      expect(files[0]).to.deep.equal(files[1]);
    });

    it('is equal for equal files of different wheels, compressed or not, and different for another mode', async () => {
      const file = 'shared/a.py';
      const content = 'x = 1\n'.repeat(20);
      const others: readonly (readonly [name: string, part: Parameters<typeof wheelFile>[0][string]])[] = [
        ['deflated', { content }],
        ['stored', { content, stored: true }],
        ['executable', { content, mode: 0o100755 }],
        ['longer', `${content}\n`],
        ['other', content.replace('1', '2')],
      ];
      const wheels = others.map(([name, part]) => testWheel(name, {}, wheelFile({ [file]: part }, { name })));
      const all = reader(wheels);
      const contents: (string | undefined)[] = [];
      for (const [name] of others)
        contents.push((await all.comparedFiles(name)).find(({ path }) => path === `${SITE}/${file}`)?.content);
      expect(contents[0]).to.equal(contents[1]).and.not.to.equal(undefined);
      expect(new Set(contents).size).to.equal(4);
    });

    it('is packed with its bytecode, without what another wheel has in its place, layer by layer', async () => {
      const layers = [
        { key: '1'.repeat(64), names: ['one', 'two'] },
        { key: '2'.repeat(64), names: ['three'] },
      ];
      const packed: (readonly [string, Layer])[] = [];
      const omissions = { two: [`${SITE}/two/more.py`] };
      await reader([ONE, TWO, THREE]).pack(layers, { omissions, compiler: COMPILER }, (key, layer) =>
        packed.push([key, layer]),
      );
      expect(packed.map(([key]) => key)).to.deep.equal(layers.map(({ key }) => key));
      const [first, second] = await Promise.all(packed.map(([, layer]) => pathsOf(layer)));
      expect(first).to.include.members(['one/more.py', 'one/__pycache__/more.cpython-311.pyc', 'two/__init__.py']);
      expect(first).not.to.include.members(['two/more.py']).and.not.include('two/__pycache__/more.cpython-311.pyc');
      expect(first).to.include('two-1.0.dist-info/RECORD');
      expect(second).to.include('three/__pycache__/__init__.cpython-311.pyc');
      // What Python wrote on the way is gone.
      expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
    });

    it('is not fetched where nothing is to be packed', async () => {
      await reader([ONE]).pack([], { omissions: {}, compiler: COMPILER }, () => undefined);
      expect(fetched).to.deep.equal([]);
    });

    it('is not packed without the bytecode that its key promises', async () => {
      const layers = [{ key: '1'.repeat(64), names: ['one', 'two'] }];
      const short = async function* (jobs: readonly Bytecode['job'][]) {
        yield* compile(jobs.slice(0, 1));
      };
      const packing = reader([ONE, TWO], { compile: short });
      const packed: string[] = [];
      const ended = await failure(
        packing.pack(layers, { omissions: {}, compiler: COMPILER }, (key) => packed.push(key)),
      );
      expect(ended).to.be.instanceOf(Error);
      expect(packed).to.deep.equal([]);
      expect(await new KeptLayers(new FolderCache(folder.file('cache'))).find('1'.repeat(64))).to.equal(undefined);
    });

    it('ends the compilation where packing fails', async () => {
      let isEnded = false;
      const endless = async function* (jobs: readonly Bytecode['job'][]) {
        try {
          yield* compile(jobs);
        } finally {
          isEnded = true;
        }
      };
      const full = new TypeError('no space left');
      const kept = Object.assign(new KeptLayers(new FolderCache(folder.file('cache'))), {
        keep: () => Promise.reject(full),
      });
      const packing = reader([ONE, TWO], { compile: endless, kept });
      const layers = [ONE, TWO].map(({ locked: { name }, sha256 }) => ({ key: sha256, names: [name] }));
      expect(await failure(packing.pack(layers, { omissions: {}, compiler: COMPILER }, () => undefined))).to.equal(
        full,
      );
      expect(isEnded).to.equal(true);
    });
  });

  describe('once it is closed', () => {
    it('is open no longer, and closing it twice is no error', async function () {
      if (process.platform !== 'linux') this.skip();
      const all = reader([ONE, TWO, THREE]);
      await all.known();
      expect(await openWheels()).to.have.length(3);
      await all.close();
      await all.close();
      expect(await openWheels()).to.deep.equal([]);
    });

    it('is open no longer where one of many wheels is damaged', async function () {
      if (process.platform !== 'linux') this.skip();
      const many = Array.from({ length: 30 }, (_, index) => testWheel(`package${index}`));
      const damaged = testWheel('damaged', {}, Buffer.from('no zip'));
      const all = reader([damaged, ...many]);
      const error = await rejection(all.known());
      expect(error.code).to.equal('build-failed');
      await all.close();
      // Whoever was opening one when the other failed may not be done yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await openWheels()).to.deep.equal([]);
    });

    it('is open no longer where what is known cannot be kept', async function () {
      if (process.platform !== 'linux') this.skip();
      await writeFile(folder.file('cache'), 'a file where the cache should be');
      const all = reader(Array.from({ length: 10 }, (_, index) => testWheel(`package${index}`)));
      expect((await rejection(all.known())).code).to.equal('configuration');
      await all.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await openWheels()).to.deep.equal([]);
    });
  });

  it('is an error where a wheel did not come, or a package is none of the lock', async () => {
    const nothing = reader([ONE], { fetch: () => Promise.resolve(new Map()) });
    expect(await failure(nothing.known())).to.match(/the wheel of one was not fetched/);
    expect(await failure(reader([ONE]).comparedFiles('two'))).to.match(/the wheel of two was not fetched/);
  });

  it('stops with what fetching throws', async () => {
    const broken = new TypeError('broken');
    const all = reader([ONE], { fetch: () => Promise.reject(broken) });
    expect(await failure(all.known())).to.equal(broken);
    await all.close();
  });
});
