import { expect } from 'chai';
import fc from 'fast-check';
import type { FileEntry, FolderEntry, ImageEntry } from '../../../../src/builders/layers/pack/image-entry.js';
import { packageEntries, type PackableWheel } from '../../../../src/builders/layers/package-entries.js';
import { TemporaryFolder } from '../../temporary-folder.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const ABOVE: readonly FolderEntry[] = [{ type: 'folder', path: 'opt', mode: 0o2775, uid: 0, gid: 7 }];

const file = (path: string, text = ''): FileEntry => ({
  ...{ type: 'file', path, mode: 0o644, uid: 0, gid: 0 },
  content: { kind: 'bytes', bytes: Buffer.from(text) },
});

const wheel = (name: string, paths: readonly string[], changes: Partial<PackableWheel> = {}): PackableWheel => ({
  ...{ name, files: paths.map((path) => file(path, name)), bytecode: undefined, omitted: [] },
  ...changes,
});

/** Reads each entry while the generator is at it, as packing does. */
async function entriesOf(
  wheels: readonly PackableWheel[],
  folders: readonly FolderEntry[] = [],
): Promise<{ readonly entry: ImageEntry; readonly text: string }[]> {
  const found: { entry: ImageEntry; text: string }[] = [];
  for await (const entry of packageEntries(wheels, 'opt/venv', folders))
    found.push({ entry, text: entry.type === 'file' ? await textOf(entry) : '' });
  return found;
}

async function textOf({ content }: FileEntry): Promise<string> {
  if (content.kind === 'bytes') return Buffer.from(content.bytes).toString('utf8');
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const pathsOf = async (...input: Parameters<typeof entriesOf>) =>
  (await entriesOf(...input)).map(({ entry }) => (entry.type === 'folder' ? `${entry.path}/` : entry.path));

describe('the entries of a layer of packages', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder.remove());

  /** Bytecode of these paths, in one file as Python writes it. */
  async function bytecode(name: string, texts: Readonly<Record<string, string>>): Promise<PackableWheel['bytecode']> {
    const output = folder.file(`${name}.pyc`);
    await folder.write({ [`${name}.pyc`]: Object.values(texts).join('') });
    let offset = 0;
    const files = Object.entries(texts).map(([path, text]) => {
      const each = { path, offset, size: text.length };
      offset += text.length;
      return each;
    });
    return { job: { wheel: `${name}.whl`, sources: [], output }, files, skipped: [] };
  }

  it('list each folder from the environment down before what is in it, as root’s and open to all', async () => {
    const found = await entriesOf([wheel('a', [`${SITE}/a/b/c.py`, 'opt/venv/bin/a'])], ABOVE);
    const folders = found.map(({ entry }) => entry).filter((entry) => entry.type === 'folder');
    expect(folders).to.deep.equal([
      ...ABOVE,
      ...['opt/venv', 'opt/venv/bin', 'opt/venv/lib', 'opt/venv/lib/python3.11', SITE, `${SITE}/a`, `${SITE}/a/b`].map(
        (path) => ({ type: 'folder', path, mode: 0o755, uid: 0, gid: 0 }),
      ),
    ]);
  });

  it('list no folder above the environment where the base has none to say', async () => {
    expect(await pathsOf([wheel('a', ['opt/venv/a'])])).to.deep.equal(['opt/venv/', 'opt/venv/a']);
    expect(await pathsOf([])).to.deep.equal([]);
  });

  it('list what any file needs, each thing once, parents first', async () => {
    const segment = fc.constantFrom('a', 'a-b', 'a.b', 'ä', '😀', 'z', '__pycache__', ' ');
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `opt/venv/d/${parts.join('/d/')}.py`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(path, { maxLength: 6 }), { maxLength: 4 }), async (allPaths) => {
        const wheels = allPaths.map((paths, index) => wheel(`w${index}`, paths));
        const found = await pathsOf(wheels, ABOVE);
        expect(new Set(found).size).to.equal(found.length);
        const seen = new Set<string>();
        for (const each of found) {
          const parent = `${each.replace(/\/$/, '').split('/').slice(0, -1).join('/')}/`;
          if (parent !== '/') expect(seen.has(parent), each).to.equal(true);
          seen.add(each);
        }
        for (const each of allPaths.flat()) expect(seen.has(each), each).to.equal(true);
        // The order in which the wheels come is no matter where they have the same.
        expect(await pathsOf([...wheels].reverse(), ABOVE)).to.deep.equal(found);
      }),
    );
  });

  it('have a file that several wheels have once', async () => {
    const found = await pathsOf([wheel('a', ['opt/venv/x', 'opt/venv/y']), wheel('b', ['opt/venv/x'])]);
    expect(found).to.deep.equal(['opt/venv/', 'opt/venv/x', 'opt/venv/y']);
  });

  it('leave a file and its bytecode to the wheel that has them, whichever comes first', async () => {
    const [path, pyc] = [`${SITE}/x/a.py`, `${SITE}/x/__pycache__/a.cpython-311.pyc`];
    const [loser, winner] = [
      wheel('one', [path], { omitted: [path], bytecode: await bytecode('one', { [pyc]: 'pyc of one' }) }),
      wheel('two', [path], { bytecode: await bytecode('two', { [pyc]: 'pyc of two' }) }),
    ];
    for (const wheels of [
      [loser, winner],
      [winner, loser],
    ]) {
      const texts = Object.fromEntries((await entriesOf(wheels)).map(({ entry, text }) => [entry.path, text]));
      expect([texts[path], texts[pyc]]).to.deep.equal(['two', 'pyc of two']);
    }
    // In a layer of its own, the loser has neither: nor the folders that were only for them.
    expect(await pathsOf([loser])).to.deep.equal([]);
  });

  it('leave the bytecode of no other file out', async () => {
    const site = (...names: readonly string[]) => names.map((name) => `${SITE}/${name}`);
    const sources = site('a.py', 'a.b.py', 'ab.py', 'x/a.py');
    const compiled = site('__pycache__/a', '__pycache__/a.b', '__pycache__/ab', 'x/__pycache__/a');
    const all = Object.fromEntries(compiled.map((path) => [`${path}.cpython-311.pyc`, 'x']));
    for (const [index, omitted] of sources.entries()) {
      const one = wheel('one', sources, { omitted: [omitted], bytecode: await bytecode('one', all) });
      const found = await pathsOf([one]);
      const missing = [...sources, ...Object.keys(all)].filter((path) => !found.includes(path));
      expect(missing).to.deep.equal([omitted, Object.keys(all)[index]]);
    }
  });

  it('have the part of the bytecode that belongs to each module', async () => {
    const texts = {
      [`${SITE}/__pycache__/a.cpython-311.pyc`]: 'first',
      [`${SITE}/__pycache__/b.cpython-311.pyc`]: '2nd',
    };
    const found = await entriesOf([wheel('a', [], { bytecode: await bytecode('a', texts) })]);
    const files = found.filter(({ entry }) => entry.type === 'file');
    expect(Object.fromEntries(files.map(({ entry, text }) => [entry.path, text]))).to.deep.equal(texts);
    expect(files.map(({ entry }) => entry)).to.containSubset([
      { mode: 0o644, uid: 0, gid: 0, content: { kind: 'stream', size: 5 } },
    ]);
  });

  it('need no file of bytecode where nothing was compiled', async () => {
    const nothing = { job: { wheel: '', sources: [], output: folder.file('nowhere') }, files: [], skipped: [] };
    expect(await pathsOf([wheel('a', ['opt/venv/a'], { bytecode: nothing })])).to.have.length(2);
  });
});
