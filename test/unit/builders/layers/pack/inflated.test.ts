import { constants, crc32, deflateRawSync } from 'node:zlib';

import { expect } from 'chai';
import fc from 'fast-check';

import type { Content } from '../../../../../src/builders/layers/pack/image-entry.js';
import { inflated } from '../../../../../src/builders/layers/pack/inflated.js';
import { rejection } from '../../../../support/rejection.js';

type Deflated = Content & { readonly kind: 'deflated' };

/** Above what is inflated at once, so that both ways are tried. */
const LARGE = 4 * 1024 * 1024 + 1;
const SIZES = { small: 5000, large: LARGE } as const;

async function* pieces(bytes: Uint8Array, size = 60_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

/** Neither all the same nor all different, and the same each time. */
function sample(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * index) >> 7));
}

function contentOf(plain: Uint8Array, stream: Uint8Array, change: Partial<Deflated> = {}): Deflated {
  return { kind: 'deflated', size: plain.length, crc32: crc32(plain), open: () => pieces(stream), ...change };
}

async function read(content: Deflated): Promise<{ readonly plain: Buffer; readonly compressed: Buffer }> {
  const found: { plain: Uint8Array[]; compressed: Uint8Array[] } = { plain: [], compressed: [] };
  for await (const { plain, compressed } of inflated(content, 'site-packages/a.so')) {
    found.plain.push(plain);
    found.compressed.push(compressed);
  }
  return { plain: Buffer.concat(found.plain), compressed: Buffer.concat(found.compressed) };
}

describe('a file of a wheel, read as it is stored and as it will be', () => {
  it('is what zlib makes of it, and its compressed bytes are unchanged, whatever the bytes and the pieces', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 500 }))
        .map(([part, times]) => Buffer.concat(Array<Uint8Array>(times).fill(part))),
    );
    const level = fc.integer({ min: 0, max: 9 });
    await fc.assert(
      fc.asyncProperty(bytes, level, fc.integer({ min: 1, max: 4000 }), async (plain, compression, size) => {
        const stream = deflateRawSync(plain, { level: compression });
        const found = await read(contentOf(plain, stream, { open: () => pieces(stream, size) }));
        expect(found.plain.equals(plain)).to.equal(true);
        expect(found.compressed.equals(stream)).to.equal(true);
      }),
    );
  });

  for (const size of [97, 16_384, 65_536, 1_000_000, Number.MAX_SAFE_INTEGER])
    it(`is whole where it is larger than what is held in memory, in pieces of ${size} bytes`, async () => {
      const plain = sample(LARGE);
      const stream = deflateRawSync(plain);
      const found = await read(contentOf(plain, stream, { open: () => pieces(stream, size) }));
      expect(found.plain.equals(plain)).to.equal(true);
      expect(found.compressed.equals(stream)).to.equal(true);
    });

  it('is whole on both sides of what is held in memory', async () => {
    for (const length of [LARGE - 2, LARGE - 1, LARGE]) {
      const plain = Buffer.alloc(length, 'ab');
      expect((await read(contentOf(plain, deflateRawSync(plain)))).plain.equals(plain), String(length)).to.equal(true);
    }
  });

  for (const [what, length] of Object.entries(SIZES)) {
    const plain = sample(length);
    const stream = deflateRawSync(plain);

    it(`may come in pieces of which some are empty (${what})`, async () => {
      const open = async function* () {
        yield Buffer.alloc(0);
        for await (const piece of pieces(stream, 3000)) {
          yield piece;
          yield Buffer.alloc(0);
        }
      };
      expect((await read(contentOf(plain, stream, { open }))).plain.equals(plain)).to.equal(true);
    });

    it(`may have empty stored blocks between its blocks, as other compressors flush (${what})`, async () => {
      const first = deflateRawSync(plain.subarray(0, 1000), { finishFlush: constants.Z_SYNC_FLUSH });
      const flushed = Buffer.concat([first, deflateRawSync(plain.subarray(1000))]);
      expect((await read(contentOf(plain, flushed))).plain.equals(plain)).to.equal(true);
    });

    const damaged: readonly (readonly [what: string, content: Deflated])[] = [
      ['has no bytes at all', contentOf(plain, Buffer.alloc(0))],
      ['lacks its last byte', contentOf(plain, stream.subarray(0, -1))],
      ['lacks all but its first byte', contentOf(plain, stream.subarray(0, 1))],
      ['has its last block missing', contentOf(plain, deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH }))],
      [
        'is one byte longer than the wheel says',
        contentOf(plain, stream, { size: length - 1, crc32: crc32(plain.subarray(0, -1)) }),
      ],
      ['is one byte shorter than the wheel says', contentOf(plain, stream, { size: length + 1 })],
      ['is far longer than the wheel says', contentOf(plain, deflateRawSync(Buffer.alloc(3 * length)))],
      ['is empty, but the wheel says otherwise', contentOf(plain, deflateRawSync(Buffer.alloc(0)))],
      ['has another checksum', contentOf(plain, stream, { crc32: crc32(plain) ^ 1 })],
      ['has one byte after its end', contentOf(plain, Buffer.concat([stream, Buffer.alloc(1)]))],
      ['has many pieces after its end', contentOf(plain, Buffer.concat([stream, Buffer.alloc(500_000, 'x')]))],
      ['is there twice', contentOf(plain, Buffer.concat([stream, stream]))],
      [
        'has a checksum and a size after its end, as gzip has',
        contentOf(plain, Buffer.concat([stream, Buffer.alloc(8, 7)])),
      ],
      ['is in zlib’s own format', contentOf(plain, Buffer.concat([Buffer.of(0x78, 0x9c), stream]))],
      ['has a block of a type that does not exist', contentOf(plain, Buffer.concat([Buffer.of(0b111), stream]))],
      ['is not compressed', contentOf(plain, plain)],
    ];
    for (const [how, content] of damaged)
      it(`is refused where it ${how} (${what})`, async () => {
        const error = await rejection(read(content));
        expect(error.code).to.equal('build-failed');
        expect(error.message).to.equal('site-packages/a.so is damaged in its wheel');
        expect(error.hint).to.contain('kdeploy cache prune');
        expect(error.cause).to.be.instanceOf(Error);
      });

    it(`is never taken for whole where any one byte of it is another (${what})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const broken = Buffer.from(stream);
          broken[at] = (broken[at] ?? 0) ^ change;
          // Bits behind the last block may be anything.
          const isRead = await read(contentOf(plain, broken)).then(
            (found) => found.plain.equals(plain),
            (error: unknown) => (error as { code: string }).code === 'build-failed',
          );
          expect(isRead).to.equal(true);
        }),
        { numRuns: what === 'small' ? 200 : 15 },
      );
    });

    it(`fails as reading it fails (${what})`, async () => {
      const gone = Object.assign(new Error('read EIO'), { code: 'EIO' });
      const open = async function* () {
        yield await Promise.resolve(stream.subarray(0, 1000));
        throw gone;
      };
      const error = await read(contentOf(plain, stream, { open })).catch((thrown: unknown) => thrown);
      expect(error).to.equal(gone);
    });

    it(`is closed where nobody wants the rest (${what})`, async () => {
      let isClosed = false;
      const open = async function* () {
        try {
          yield* pieces(stream, 1000);
        } finally {
          isClosed = true;
        }
      };
      for await (const { plain: bytes } of inflated(contentOf(plain, stream, { open }), 'a')) {
        expect(bytes.length).to.be.at.most(length);
        break;
      }
      expect(isClosed).to.equal(true);
    });
  }

  it('is not read on where its compressed bytes are far too many', async () => {
    let given = 0;
    // Blocks without bytes: zlib would read them for ever.
    const nothing = Buffer.concat(Array<Uint8Array>(20_000).fill(Buffer.of(0, 0, 0, 0xff, 0xff)));
    const open = async function* () {
      for (; given < 200; given++) yield await Promise.resolve(nothing);
    };
    const error = await rejection(read({ kind: 'deflated', size: 1, crc32: 0, open }));
    expect(error.code).to.equal('build-failed');
    expect(given).to.be.lessThan(100);
  });

  it('is not read on where it is larger than the wheel says: it may be endless', async () => {
    let given = 0;
    const zeros = deflateRawSync(Buffer.alloc(1_000_000), { finishFlush: constants.Z_SYNC_FLUSH });
    const open = async function* () {
      for (;;) {
        given++;
        yield await Promise.resolve(zeros);
      }
    };
    const error = await rejection(read({ kind: 'deflated', size: LARGE, crc32: 0, open }));
    expect(error.code).to.equal('build-failed');
    expect(given).to.be.lessThan(10);
  });

  it('may be empty: compressed to nothing, or to a block of nothing', async () => {
    const empty = Buffer.alloc(0);
    for (const stream of [deflateRawSync(empty), empty]) {
      const found = await read(contentOf(empty, stream));
      expect(found.plain.length).to.equal(0);
      expect(found.compressed.equals(stream)).to.equal(true);
    }
    expect((await rejection(read(contentOf(empty, empty, { crc32: 1 })))).code).to.equal('build-failed');
    expect((await rejection(read(contentOf(empty, deflateRawSync(Buffer.from('x')))))).code).to.equal('build-failed');
  });
});
