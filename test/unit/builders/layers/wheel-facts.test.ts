import { mkdir, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { fewRoots, KeptWheelFacts } from '../../../../src/builders/layers/wheel-facts.js';
import { FolderCache } from '../../../../src/cache/file-cache.js';
import { TemporaryFolder } from '../../temporary-folder.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const SHA256 = 'a'.repeat(64);
const FACTS = { size: 5, roots: [`${SITE}/numpy`, 'opt/venv/bin/f2py'] };

describe('kept facts of wheels', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });
  afterEach(() => folder.remove());

  const facts = (sitePackages = SITE) => new KeptWheelFacts(new FolderCache(cache.root), sitePackages);
  async function keptFile(): Promise<string> {
    const [entry, ...others] = await cache.entries();
    expect(others).to.deep.equal([]);
    return folder.file(`cache/${entry?.kind ?? ''}/${entry?.key ?? ''}`);
  }

  it('are found by the hash of the wheel, as they were kept', async () => {
    expect(await facts().find(SHA256)).to.equal(undefined);
    for (const kept of [FACTS, { size: 0, roots: [] }, { size: 6, roots: ['é', '"', ''] }]) {
      await facts().keep(SHA256, kept);
      expect(await facts().find(SHA256)).to.deep.equal(kept);
    }
  });

  it('are not found for another wheel, nor for other site-packages, where its files are elsewhere', async () => {
    await facts().keep(SHA256, FACTS);
    expect(await facts().find('b'.repeat(64))).to.equal(undefined);
    for (const other of ['opt/venv/lib/python3.12/site-packages', `data/${SITE}`, ''])
      expect(await facts(other).find(SHA256), other).to.equal(undefined);
    expect(await facts().find(SHA256)).to.deep.equal(FACTS);
  });

  const damaged = [
    ...['', ' ', '{', 'null', '1', '"x"', '[]', '{}', '[5,[]]', '\0', '{"size":5}', '{"roots":[]}'],
    ...['null', '"5"', '-1', '0.5', '1e999', '9007199254740993', '[5]'].map((size) => `{"size":${size},"roots":[]}`),
    ...['null', '"x"', '{}', '[1]', '["x",null]', '[["x"]]', '{"length":0}'].map(
      (roots) => `{"size":5,"roots":${roots}}`,
    ),
  ];
  for (const text of damaged)
    it(`are not believed where they are damaged: ${JSON.stringify(text)}`, async () => {
      await facts().keep(SHA256, FACTS);
      await writeFile(await keptFile(), text);
      expect(await facts().find(SHA256)).to.equal(undefined);
      await facts().keep(SHA256, FACTS);
      expect(await facts().find(SHA256)).to.deep.equal(FACTS);
    });

  it('are not found where a folder is in their place, or they are gone before they are read', async () => {
    await facts().keep(SHA256, FACTS);
    const file = await keptFile();
    const gone = new KeptWheelFacts(
      Object.assign(new FolderCache(cache.root), { find: () => Promise.resolve(`${file}x`) }),
      SITE,
    );
    expect(await gone.find(SHA256)).to.equal(undefined);
    await cache.prune(0);
    await mkdir(file);
    expect(await facts().find(SHA256)).to.equal(undefined);
  });
});

describe('few roots', () => {
  const numbered = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const isBelow = (path: string, folder: string) => `${path}/`.startsWith(`${folder}/`);

  it('are the roots themselves, in order and once, where there are few', () => {
    expect(fewRoots([])).to.deep.equal([]);
    expect(fewRoots(['b', 'a', 'b', 'a/c'])).to.deep.equal(['a', 'a/c', 'b']);
    const just = numbered(24, `${SITE}/x/`);
    expect(fewRoots(just)).to.deep.equal([...just].sort());
  });

  it('have a folder for many in it where there are more', () => {
    expect(fewRoots([`${SITE}/numpy`, ...numbered(24, 'opt/venv/share/jupyter/lab/static/')])).to.deep.equal([
      `${SITE}/numpy`,
      'opt/venv/share/jupyter/lab/static',
    ]);
    const themes = numbered(30, 'opt/venv/share/lab/themes/theme-').map((theme) => `${theme}/index.css`);
    const others = ['opt/venv/bin/f2py', `${SITE}/a.py`, `${SITE}/numpy`];
    expect(fewRoots([...others, ...themes])).to.deep.equal([...others, 'opt/venv/share/lab/themes']);
  });

  it('are no fewer than they have to be', () => {
    const two = [1, 2].flatMap((index) => [`opt/a${index}/x`, `opt/a${index}/y`]);
    const one = [1, 2].map((index) => `opt/b${index}`);
    expect(fewRoots([...numbered(19, 'opt/c'), ...two, ...one])).to.have.length(24);
    expect(fewRoots([...numbered(19, 'opt/c'), ...two, ...one])).to.include.members(['opt/a1', 'opt/a2/x', 'opt/a2/y']);
  });

  it('say what all say of each path that all say something of, and are as few as their first folders allow', () => {
    const part = fc.constantFrom('a', 'b', 'ab', 'c', 'd.py', 'e');
    const root = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.array(root, { maxLength: 120 }), fc.array(root, { maxLength: 120 }), (roots, others) => {
        const few = fewRoots(roots);
        expect(few.length).to.be.at.most(24);
        expect(few).to.deep.equal([...new Set(few)].sort());
        for (const each of roots)
          expect(
            few.some((other) => isBelow(each, other)),
            each,
          ).to.equal(true);
        // Nothing is said but of folders that lead to a root.
        for (const each of few)
          expect(
            roots.some((other) => isBelow(other, each)),
            each,
          ).to.equal(true);
        // Wheels that could share a path are still known for it.
        const touch = (one: readonly string[], other: readonly string[]) =>
          one.some((a) => other.some((b) => isBelow(a, b) || isBelow(b, a)));
        if (touch(roots, others)) expect(touch(few, fewRoots(others))).to.equal(true);
        expect(fewRoots([...roots].reverse())).to.deep.equal(few);
        expect(fewRoots(few)).to.deep.equal(few);
      }),
    );
  });

  it('are those of a wheel with a hundred thousand files as well', () => {
    const files = Array.from({ length: 100_000 }, (_, index) => `opt/venv/share/${index % 500}/${index}.js`);
    expect(fewRoots([`${SITE}/numpy`, ...files])).to.deep.equal([`${SITE}/numpy`, 'opt/venv/share']);
  });

  it('are more where no folder has several', () => {
    for (const roots of [numbered(40, 'x'), numbered(40, 'x').map((each) => `${each}/y/z`)])
      expect(fewRoots(roots)).to.deep.equal([...roots].sort());
  });
});
