import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf } from '../../../../src/image/digest.js';
import { verified } from '../../../../src/places/layout/verified.js';
import { rejection } from '../../../support/rejection.js';
import { bytesOf } from './sample-layout.js';

async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

describe('verified bytes', () => {
  it('come through where they are those of the digest, in whatever parts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.integer({ min: 1, max: 8 }), async (bytes, part) => {
        const descriptor = { digest: digestOf(bytes), size: bytes.length };
        expect(await bytesOf(verified(inParts(bytes, part), descriptor, 'oci:dist'))).to.deep.equal(Buffer.from(bytes));
      }),
    );
  });

  it('end with an error where any of them is another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), fc.uint8Array(), async (bytes, others) => {
        fc.pre(!Buffer.from(bytes).equals(others));
        const descriptor = { digest: digestOf(bytes), size: bytes.length };
        const failure = await rejection(bytesOf(verified(inParts(others, 3), descriptor, 'oci:dist')));
        expect(failure.message).to.match(/^oci:dist is damaged: it has /);
      }),
    );
  });
});
