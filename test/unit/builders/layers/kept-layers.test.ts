import { createHash } from 'node:crypto';
import { access, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { DamagedLayerError, KeptLayers } from '../../../../src/builders/layers/kept-layers.js';
import { packLayer, type PackedLayer } from '../../../../src/builders/layers/pack/pack-layer.js';
import { FolderCache } from '../../../../src/cache/file-cache.js';
import type { Layer } from '../../../../src/image/layer.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { failure } from '../../../support/failure.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';

const KEY = 'a'.repeat(64);

function packed(text = 'x = 1\n'): PackedLayer {
  const content = { kind: 'bytes', bytes: Buffer.from(text) } as const;
  return packLayer([{ type: 'file', path: 'opt/venv/a.py', mode: 0o644, uid: 0, gid: 0, content }], 'members');
}

async function bytesOf(layer: Layer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const facts = ({ descriptor, diffId }: Layer) => ({ descriptor, diffId });

describe('kept layers', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  let kept: KeptLayers;
  let layerFile: string;
  let factsFile: string;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
    kept = new KeptLayers(cache);
    layerFile = folder.file(`cache/layers/${KEY}`);
    factsFile = folder.file(`cache/layer-facts/${KEY}`);
  });

  afterEach(() => folder.remove());

  const isKept = async (): Promise<boolean> =>
    (await Promise.all([layerFile, factsFile].map((file) => failure(access(file))))).some(
      (missing) => missing === undefined,
    );

  it('are found by the name of their recipe, with the same bytes each time', async () => {
    expect(await kept.find(KEY)).to.equal(undefined);
    const made = await kept.keep(KEY, packed());
    const found = await new KeptLayers(new FolderCache(cache.root)).find(KEY);
    if (found === undefined) throw new TypeError('not found');
    expect(facts(found)).to.deep.equal(facts(made));
    expect(found.descriptor.mediaType).to.equal(MEDIA_TYPES.ociLayerGzip);
    for (const layer of [made, found, found]) {
      const bytes = await bytesOf(layer);
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).to.equal(made.descriptor.digest);
      expect(bytes).to.have.length(made.descriptor.size);
    }
    expect(await kept.find('b'.repeat(64))).to.equal(undefined);
  });

  it('are found out by their digest where bytes changed, thrown away, and can be made anew', async () => {
    const made = await kept.keep(KEY, packed());
    const bytes = await readFile(layerFile);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(layerFile, bytes);
    const found = await kept.find(KEY);
    // Nothing tells before its bytes are read.
    if (found === undefined) throw new TypeError('not found');
    const error = await rejection(bytesOf(found));
    expect(error).to.be.instanceOf(DamagedLayerError).with.property('code', 'build-failed');
    expect(error.hint).to.contain('build again');
    expect(await isKept()).to.equal(false);
    expect(await kept.find(KEY)).to.equal(undefined);
    expect(facts(await kept.keep(KEY, packed()))).to.deep.equal(facts(made));
    expect(await bytesOf(made)).to.have.length(made.descriptor.size);
  });

  it('are read before they are believed, where one of them was damaged', async () => {
    const made = await kept.keep(KEY, packed());
    const wary = new KeptLayers(cache, true);
    expect(facts((await wary.find(KEY)) ?? made)).to.deep.equal(facts(made));
    expect(await isKept()).to.equal(true);
    const bytes = await readFile(layerFile);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(layerFile, bytes);
    expect(await wary.find(KEY)).to.equal(undefined);
    expect(await isKept()).to.equal(false);
  });

  for (const [what, damage] of [
    ['bytes are missing', () => truncate(layerFile, 10)],
    [
      'there are more bytes',
      async () => writeFile(layerFile, Buffer.concat([await readFile(layerFile), Buffer.of(0)])),
    ],
    ['the facts are no JSON', () => writeFile(factsFile, '{"digest":')],
    ['the facts are empty', () => writeFile(factsFile, '')],
    ['the facts are those of nothing', () => writeFile(factsFile, 'null')],
    ['a fact is missing', () => edited({ diffId: undefined })],
    ['the digest is none', () => edited({ digest: 'sha256:../../x' })],
    ['the size is a text', () => edited({ size: '120' })],
  ] as const satisfies readonly (readonly [string, () => Promise<void>])[])
    it(`are thrown away where ${what}`, async () => {
      await kept.keep(KEY, packed());
      await damage();
      expect(await kept.find(KEY)).to.equal(undefined);
      expect(await isKept()).to.equal(false);
    });

  async function edited(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const value = JSON.parse(await readFile(factsFile, 'utf8')) as object;
    await writeFile(factsFile, JSON.stringify({ ...value, ...changes }));
  }

  it('are not found where only one of the two files is left', async () => {
    for (const file of [layerFile, factsFile]) {
      await kept.keep(KEY, packed());
      await rm(file);
      expect(await kept.find(KEY)).to.equal(undefined);
    }
  });

  it('are not found where packing failed, and nothing is left of the attempt', async () => {
    const { bytes } = packed();
    const failing: PackedLayer = {
      bytes: (async function* () {
        yield* bytes;
        throw new Error('no more');
      })(),
      facts: () => expect.fail('not asked for'),
    };
    expect(await failure(kept.keep(KEY, failing))).to.have.property('message', 'no more');
    expect(await kept.find(KEY)).to.equal(undefined);
    expect(await readdir(folder.file('cache/layers'))).to.deep.equal([]);
  });

  it('can be made by two at once', async () => {
    const others = [kept, new KeptLayers(new FolderCache(cache.root)), new KeptLayers(new FolderCache(cache.root))];
    const layers = await Promise.all(others.map((each) => each.keep(KEY, packed())));
    expect(new Set(layers.map((layer) => JSON.stringify(facts(layer)))).size).to.equal(1);
    const found = await kept.find(KEY);
    if (found === undefined) throw new TypeError('not found');
    for (const layer of [...layers, found]) expect(await bytesOf(layer)).to.have.length(found.descriptor.size);
    expect(await readdir(folder.file('cache/layers'))).to.deep.equal([KEY]);
  });

  it('can be read while somebody makes them again, or removes them', async () => {
    const made = await kept.keep(KEY, packed('x'.repeat(3_000_000)));
    const reading = made.open()[Symbol.asyncIterator]();
    await reading.next();
    await kept.keep(KEY, packed('x'.repeat(3_000_000)));
    await cache.prune(0);
    while (!((await reading.next()).done ?? false)) continue;
  });

  it('say what happened where they were removed before they were read', async () => {
    const made = await kept.keep(KEY, packed());
    await cache.prune(0);
    const error = await rejection(bytesOf(made));
    expect([error.code, error.message]).to.deep.equal(['build-failed', 'a layer is no longer in the cache']);
    expect(error.hint).to.contain('build again');
  });
});
