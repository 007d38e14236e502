import { expect } from 'chai';
import { pack } from 'tar-stream';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { ArchiveSink } from '../../../../src/places/layout/archive-sink.js';
import { readTarHeader, TAR_BLOCK } from '../../../../src/places/layout/tar-header.js';
import { sampleImage } from '../../image/sample-image.js';

/** What it writes is in write-archive.test.ts; here is what no test wants to write to a disk. */
describe('a TAR file that is being written', () => {
  const { signal } = new AbortController();

  for (const size of [8 * 1024 ** 3 - 1, 8 * 1024 ** 3, 70 * 1024 ** 3])
    it(`announces a layer of ${size} bytes so that it can be found`, async () => {
      const archive = pack();
      archive.on('error', () => undefined);
      const layer = {
        descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf('large'), size },
        async *open() {
          yield await Promise.resolve(Buffer.from('large'));
          throw new Error('enough');
        },
      };
      const written = new ArchiveSink('oci-archive:app.tar', archive, signal).writeBlob(layer);
      const failure = written.catch((error: unknown) => error);
      let bytes = Buffer.alloc(0);
      try {
        for await (const chunk of archive as AsyncIterable<Uint8Array>) bytes = Buffer.concat([bytes, chunk]);
      } catch {
        // What the layer has broken off with, or that it was.
      }
      expect(await failure).to.have.property('message', 'enough');
      // After oci-layout with its bytes, and two folders.
      expect(readTarHeader(bytes.subarray(4 * TAR_BLOCK, 5 * TAR_BLOCK))).to.deep.equal({
        name: `blobs/sha256/${digestOf('large').slice('sha256:'.length)}`,
        ...{ size, type: '0', target: '' },
      });
    });

  it('attaches nothing that has no subject', async () => {
    const { manifest } = sampleImage(['base']);
    const sink = new ArchiveSink('oci-archive:app.tar', pack(), signal);
    const failure: unknown = await sink.attach(manifest).catch((error: unknown) => error);
    expect(failure).to.have.property('message', `${manifest.digest} has no subject`);
  });
});
