import { gzipSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import { expect } from 'chai';
import { TAR_END, tarHeader } from '../../../src/builders/layers/pack/tar-header.js';
import { readLayer } from '../../../src/image/read-layer.js';
import { rejection } from '../../support/rejection.js';
import { inPieces, layerBytes } from './layer-bytes.js';

async function paths(bytes: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = [];
  await readLayer(bytes, ({ path, type, size }) => {
    found.push(`${type} ${path} ${size}`);
  });
  return found;
}

describe('reading a layer', () => {
  it('visits every entry, compressed or not, in pieces of any size', async () => {
    const bytes = await layerBytes({
      './app/': { type: 'directory' },
      '/app/a.txt': 'abc',
      'app/b.txt': { type: 'symlink', linkname: 'a.txt' },
      [`${'long/'.repeat(60)}c`]: 'x'.repeat(5000),
    });
    const expected = [
      'directory app/ 0',
      'file app/a.txt 3',
      'symlink app/b.txt 0',
      `file ${'long/'.repeat(60)}c 5000`,
    ];
    for (const each of [bytes, gzipSync(bytes)])
      for (const size of [1, 3, 700, each.length])
        expect(await paths(inPieces(each, size)), String(size)).to.deep.equal(expected);
  });

  it('tells owners that only a pax header can name', async () => {
    const bytes = Buffer.concat([
      tarHeader({ type: 'folder', path: 'a', mode: 0o755, uid: 1_000_660_000, gid: 0 }),
      tarHeader({ type: 'folder', path: 'b', mode: 0o755, uid: 2_097_151, gid: 4_294_967_294 }),
      TAR_END,
    ]);
    const owners: string[] = [];
    await readLayer(inPieces(bytes), ({ path, uid, gid }) => {
      owners.push(`${path} ${uid}:${gid}`);
    });
    expect(owners).to.deep.equal(['a/ 1000660000:0', 'b/ 2097151:4294967294']);
  });

  it('visits one after the other, and hands over the contents that are asked for', async () => {
    const log: string[] = [];
    const bytes = await layerBytes({ a: 'first', b: 'x'.repeat(100_000), c: 'last' });
    await readLayer(inPieces(bytes), async ({ path, content }) => {
      log.push(`begin ${path}`);
      if (path !== 'b') log.push((await content()).toString());
      await new Promise(setImmediate);
      log.push(`end ${path}`);
    });
    expect(log).to.deep.equal(['begin a', 'first', 'end a', 'begin b', 'end b', 'begin c', 'last', 'end c']);
  });

  it('tells modes, owners, times and what links lead to', async () => {
    const time = new Date('2026-01-02T03:04:05Z');
    const bytes = await layerBytes({
      'app/': { type: 'directory', mode: 0o1777, uid: 5, gid: 6, mtime: time },
      'app/b': { type: 'symlink', linkname: './../a' },
      'app/c': { type: 'link', linkname: './app/a' },
      d: '',
    });
    const found: unknown[] = [];
    await readLayer(inPieces(bytes), ({ path, mode, uid, gid, linkname, modified }) => {
      found.push(path === 'app/' ? { mode, uid, gid, linkname, modified } : linkname);
    });
    expect(found).to.deep.equal([
      { mode: 0o1777, uid: 5, gid: 6, linkname: undefined, modified: time },
      ...['./../a', 'app/a', undefined],
    ]);
  });

  it('hands over a file piece by piece', async () => {
    const bytes = await layerBytes({ a: 'x'.repeat(100_000), b: 'last' });
    const sizes: Record<string, number> = {};
    await readLayer(inPieces(bytes), async ({ path, bytes: pieces }) => {
      for await (const piece of pieces()) sizes[path] = (sizes[path] ?? 0) + piece.length;
    });
    expect(sizes).to.deep.equal({ a: 100_000, b: 4 });
  });

  it('reads all of the bytes, so that their owner can tell whether they are the right ones', async () => {
    let isEnded = false;
    const bytes = await layerBytes({ a: 'x' });
    async function* checked(): AsyncGenerator<Buffer> {
      yield* inPieces(bytes);
      // A registry may send more than what a reader of TAR files needs.
      yield Buffer.alloc(10_240);
      isEnded = true;
    }
    expect(await paths(checked())).to.deep.equal(['file a 1']);
    expect(isEnded).to.equal(true);
  });

  it('reads a layer without bytes, and one without entries', async () => {
    for (const empty of [Buffer.alloc(0), Buffer.alloc(1024)]) expect(await paths(inPieces(empty))).to.deep.equal([]);
  });

  it('reads zstd where Node.js can, and else says that it did not', async () => {
    const compress: unknown = Reflect.get(zlib, 'zstdCompressSync');
    const plain = await layerBytes({ a: 'x' });
    const bytes =
      typeof compress === 'function'
        ? (compress as (from: Buffer) => Buffer)(plain)
        : Buffer.from('28b52ffd00000000', 'hex');
    const found: string[] = [];
    let isEnded = false;
    async function* all(): AsyncGenerator<Buffer> {
      yield* inPieces(bytes, 2);
      isEnded = true;
    }
    const isRead = await readLayer(all(), ({ path }) => {
      found.push(path);
    });
    expect([isRead, found]).to.deep.equal(typeof compress === 'function' ? [true, ['a']] : [false, []]);
    expect(isEnded).to.equal(true);
  });

  it('says that a layer is none, or ends too early', async () => {
    const bytes = gzipSync(await layerBytes({ a: Buffer.from(Array.from({ length: 5000 }, (_, at) => at % 251)) }));
    const broken = [bytes.subarray(0, bytes.length / 2), Buffer.alloc(2000, 'x'), gzipSync(Buffer.alloc(2000, 'x'))];
    for (const each of broken)
      expect((await rejection(readLayer(inPieces(Buffer.from(each)), () => undefined))).code).to.equal(
        'image-not-found',
      );
  });

  it('hands on what its visitor and its bytes throw, and stops reading', async () => {
    let isLeft = false;
    const bytes = await layerBytes({ a: 'x' });
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield await Promise.resolve(bytes.subarray(0, 1024));
      } finally {
        isLeft = true;
      }
    }
    const refused = new RangeError('refused');
    const thrown = await readLayer(endless(), () => Promise.reject(refused)).catch((error: unknown) => error);
    expect([thrown, isLeft]).to.deep.equal([refused, true]);
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    async function* cut(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(bytes.subarray(0, 512));
      throw reset;
    }
    expect(await readLayer(cut(), () => undefined).catch((error: unknown) => error)).to.equal(reset);
  });
});
