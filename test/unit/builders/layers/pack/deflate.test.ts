import { inflateRawSync } from 'node:zlib';

import { expect } from 'chai';
import fc from 'fast-check';

import { deflate, deflatePart, LAST_BLOCK } from '../../../../../src/builders/layers/pack/deflate.js';

describe('our own deflate', () => {
  it('is read by zlib, whatever the bytes', () => {
    const repetitive = fc
      .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 40 })), {
        maxLength: 20,
      })
      .map((parts) =>
        Buffer.concat(parts.map(([bytes, times]) => Buffer.concat(Array<Uint8Array>(times).fill(bytes)))),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 5000 }), repetitive), (bytes) => {
        expect(inflateRawSync(deflate(bytes)).equals(bytes)).to.equal(true);
      }),
    );
  });

  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([200])],
    ['the longest match and one byte more', Buffer.alloc(1 + 258 + 1)],
    [
      'a match as far away as can be',
      Buffer.concat([Buffer.from('abcdefgh'), noise(32768 - 8), Buffer.from('abcdefgh')]),
    ],
    [
      'a match that is one byte too far away',
      Buffer.concat([Buffer.from('abcdefgh'), noise(32768 - 7), Buffer.from('abcdefgh')]),
    ],
    ['more than fits into one table', noise(200_000)],
  ] as const) {
    it(`takes ${what}`, () => {
      expect(inflateRawSync(deflate(bytes)).equals(bytes)).to.equal(true);
    });
  }

  it('writes parts that follow one another as one stream', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (parts) => {
        const stream = Buffer.concat([...parts.map((part) => deflatePart(part)), LAST_BLOCK]);
        expect(inflateRawSync(stream).equals(Buffer.concat(parts))).to.equal(true);
      }),
    );
  });

  it('gives the same bytes for the same input, whatever was compressed before', () => {
    const bytes = Buffer.from('import numpy as np\n'.repeat(30));
    const first = deflate(bytes);
    deflate(noise(70_000));
    expect(Buffer.from(deflate(bytes)).equals(first)).to.equal(true);
    // A change of these bytes changes the digests of everybody's layers: FORMAT_VERSION has to change with it.
    expect(Buffer.from(deflate(Buffer.from('kdeploy kdeploy kdeploy'))).toString('hex')).to.equal(
      'cb4e492dc8c9af5440a301',
    );
  });

  it('makes a tar header a fifth of its size', () => {
    const header = Buffer.alloc(512);
    header.write('opt/venv/lib/python3.11/site-packages/numpy/__init__.py');
    header.write('ustar', 257);
    expect(deflate(header).length).to.be.below(100);
  });
});

/** Without repetitions, and the same each time. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}
