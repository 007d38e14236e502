import { expect } from 'chai';
import { gunzipSync } from 'node:zlib';
import { digestOf } from '../../../src/image/digest.js';
import { gzipStored } from '../../../src/image/gzip-stored.js';

describe('a gzip file that compresses nothing', () => {
  for (const size of [0, 1, 0xfffe, 0xffff, 0x1_0000, 200_000]) {
    it(`is unpacked by others: ${size} bytes`, () => {
      const bytes = Buffer.alloc(size, 'kdeploy');
      expect(gunzipSync(gzipStored(bytes)).equals(bytes)).to.equal(true);
    });
  }

  it('has the same bytes on every machine, for a layer is known by them', () => {
    expect(digestOf(gzipStored(Buffer.alloc(100_000, 'kdeploy')))).to.equal(
      'sha256:de277d6cf5b6408ce8fe5763b440f4f3d06ec4448e65294a4b41939d15b3cc68',
    );
  });
});
