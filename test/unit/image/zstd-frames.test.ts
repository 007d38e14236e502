import * as zlib from 'node:zlib';
import { expect } from 'chai';
import { zstdFrames, type ZstdDecoder } from '../../../src/image/zstd-frames.js';
import { readLayer } from '../../../src/image/read-layer.js';
import { rejection } from '../../support/rejection.js';
import { inPieces, layerBytes } from './layer-bytes.js';

const compress = Reflect.get(zlib, 'zstdCompressSync') as ((bytes: Uint8Array) => Buffer) | undefined;
const create = Reflect.get(zlib, 'createZstdDecompress') as (() => ZstdDecoder) | undefined;
/** What readers pass over: zstd:chunked keeps its table of contents in such frames. */
const SKIPPED = [0x50, 0x5d].map((first) => Buffer.from([first, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]));

describe('frames of zstd that follow one another', () => {
  if (compress === undefined || create === undefined) {
    it('are not read by this Node.js', () => expect(create).to.equal(undefined));
    return;
  }
  const read = async (bytes: Buffer, size: number): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of zstdFrames(inPieces(bytes, size), create)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const [first, second] = [Buffer.from('a'.repeat(300_000)), Buffer.from('b'.repeat(3000))];
  const frames = [SKIPPED[0]!, compress(first), SKIPPED[1]!, compress(Buffer.alloc(0)), compress(second), SKIPPED[0]!];

  it('are one stream, in pieces of any size', async () => {
    for (const size of [1, 3, 12, 29, 1000])
      expect((await read(Buffer.concat(frames), size)) === `${String(first)}${String(second)}`, String(size)).to.equal(
        true,
      );
    expect(await read(compress(second), 7)).to.equal(String(second));
  });

  it('are a whole layer', async () => {
    const bytes = await layerBytes({ a: 'x'.repeat(700), b: 'y', c: 'z' });
    // As zstd:chunked has them: frames end where entries do.
    const layer = Buffer.concat([bytes.subarray(0, 1536), bytes.subarray(1536)].map((part) => compress(part)));
    for (const all of [
      layer,
      Buffer.concat([SKIPPED[0]!, layer, SKIPPED[1]!]),
      Buffer.concat([compress(bytes), SKIPPED[0]!]),
    ]) {
      const found: string[] = [];
      expect(await readLayer(inPieces(all, 10_000), ({ path }) => void found.push(path))).to.equal(true);
      expect(found).to.deep.equal(['a', 'b', 'c']);
    }
  });

  it('are refused where something else follows, or the last one ends early', async () => {
    const bytes = compress(await layerBytes({ a: 'x'.repeat(700) }));
    for (const broken of [Buffer.concat([bytes, Buffer.from('something else')]), bytes.subarray(0, -6)])
      expect((await rejection(readLayer(inPieces(broken, 10_000), () => undefined))).code).to.equal('image-not-found');
  });
});
