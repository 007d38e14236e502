import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { ImageEntry } from '../../../../src/builders/layers/pack/image-entry.js';
import { GZIP_FORMS } from '../../../../src/builders/layers/pack/pack-layer.js';
import { packedAgain } from '../../../../src/builders/layers/packed-again.js';
import { digestOf } from '../../../../src/image/digest.js';
import type { Layer } from '../../../../src/image/layer.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { rejection } from '../../../support/rejection.js';

/** A bound by which no layer is kept. */
const NONE = 0;
const OPT = { type: 'folder', path: 'opt', mode: 0o755, uid: 0, gid: 0 } as const;

function streamed(path: string, text: () => string, size = text().length): ImageEntry {
  const open = async function* () {
    yield await Promise.resolve(Buffer.from(text()));
  };
  return { type: 'file', path, mode: 0o644, uid: 0, gid: 0, content: { kind: 'stream', size, open } };
}

async function bytesOf(layer: Layer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a layer that is packed again', () => {
  for (const gzip of GZIP_FORMS)
    it(`has the bytes that its name says, as often as they are asked for, at once too: ${gzip}`, async () => {
      const name = fc.stringMatching(/^[a-z]{1,8}$/);
      const bounds = fc.constantFrom(NONE, Infinity);
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(name, { maxLength: 5 }), fc.string(), bounds, async (names, text, bound) => {
          const entries = [OPT, ...names.map((each) => streamed(`opt/${each}`, () => text, Buffer.from(text).length))];
          const layer = await packedAgain(() => entries, gzip, bound);
          expect(layer.descriptor.mediaType).to.equal(MEDIA_TYPES.ociLayerGzip);
          for (const bytes of await Promise.all([bytesOf(layer), bytesOf(layer), bytesOf(layer)])) {
            expect(digestOf(bytes)).to.equal(layer.descriptor.digest);
            expect(bytes).to.have.length(layer.descriptor.size);
            expect(digestOf(gunzipSync(bytes))).to.equal(layer.diffId);
          }
          const same = await packedAgain(() => structuredEntries(entries), gzip);
          expect(same.descriptor).to.deep.equal(layer.descriptor);
        }),
        { numRuns: 30 },
      );
    });

  it('is the same tar in both forms', async () => {
    const [members, single] = await Promise.all(GZIP_FORMS.map((gzip) => packedAgain(() => [OPT], gzip)));
    expect(members?.diffId).to.equal(single?.diffId);
  });

  it('is a layer without entries as well', async () => {
    const layer = await packedAgain(() => [], 'members');
    expect(createHash('sha256').update(Buffer.alloc(1024)).digest('hex')).to.equal(
      layer.diffId.slice('sha256:'.length),
    );
    expect(digestOf(await bytesOf(layer))).to.equal(layer.descriptor.digest);
  });

  it('asks for its entries once for its name, and once more for each time that its bytes are', async () => {
    let asked = 0;
    const layer = await packedAgain(() => ((asked += 1), [OPT]), 'members', NONE);
    expect(asked).to.equal(1);
    await bytesOf(layer);
    await bytesOf(layer);
    expect(asked).to.equal(3);
  });

  it('is packed once where it is small, and has the files as they were then', async () => {
    let text = 'before';
    const entries = [OPT, streamed('home/app/a', () => text)];
    let asked = 0;
    const open = () => ((asked += 1), entries);
    const { size } = (await packedAgain(() => entries, 'members')).descriptor;
    const [kept, large] = await Promise.all([size, size - 1].map((bound) => packedAgain(open, 'members', bound)));
    text = 'after!';
    expect(digestOf(await bytesOf(kept!))).to.equal(kept?.descriptor.digest);
    expect(asked).to.equal(2);
    expect((await rejection(bytesOf(large!))).message).to.contain('changed');
    expect(asked).to.equal(3);
  });

  it('is not packed where something is wrong with an entry, which is found at once', async () => {
    const error = await rejection(packedAgain(() => [streamed('home/app/a', () => 'ab', 3)], 'members'));
    expect(error.code).to.equal('build-failed');
    expect(error.message).to.contain('home/app/a');
  });

  for (const gzip of GZIP_FORMS)
    it(`says that a file changed which has the same size and other content than before: ${gzip}`, async () => {
      let text = 'before';
      const layer = await packedAgain(() => [OPT, streamed('home/app/a', () => text)], gzip, NONE);
      text = 'after!';
      const error = await rejection(bytesOf(layer));
      expect(error.code).to.equal('build-failed');
      expect(error.message).to.contain('changed');
      expect(error.hint).to.contain('during the build');
      text = 'before';
      expect(digestOf(await bytesOf(layer))).to.equal(layer.descriptor.digest);
    });

  it('says which file it is that became longer or shorter', async () => {
    let text = 'before';
    const layer = await packedAgain(() => [streamed('home/app/a', () => text, 6)], 'members', NONE);
    for (text of ['longer than before', 'less', ''])
      expect((await rejection(bytesOf(layer))).message).to.equal('home/app/a changed while it was read');
  });

  it('can be left before its end', async () => {
    const layer = await packedAgain(() => [OPT, streamed('opt/a', () => 'x'.repeat(3_000_000))], 'members', NONE);
    for await (const chunk of layer.open()) {
      expect(chunk).not.to.have.length(0);
      break;
    }
    expect(digestOf(await bytesOf(layer))).to.equal(layer.descriptor.digest);
  });
});

/** Equal to those, and others. */
function structuredEntries(entries: readonly ImageEntry[]): ImageEntry[] {
  return entries.map((entry) => ({ ...entry }));
}
