import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gunzipSync, inflateRawSync, type InflateRaw } from 'node:zlib';

import { expect } from 'chai';
import fc from 'fast-check';

import type { Content, ImageEntry } from '../../../../../src/builders/layers/pack/image-entry.js';
import { GZIP_FORMS, packLayer, type GzipForm } from '../../../../../src/builders/layers/pack/pack-layer.js';
import { readLayer } from '../../../../../src/image/read-layer.js';
import { rejection } from '../../../../support/rejection.js';

const root = { uid: 0, gid: 0 };

async function pack(entries: readonly ImageEntry[], form: GzipForm = 'members') {
  const { bytes, facts } = packLayer(entries, form);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return { gzip: Buffer.concat(chunks), ...facts() };
}

function deflated(plain: Uint8Array, change: Partial<Content & { kind: 'deflated' }> = {}): Content {
  const stream = deflateRawSync(plain);
  return { kind: 'deflated', size: plain.length, crc32: crc32(plain), open: () => pieces(stream), ...change };
}

async function* pieces(bytes: Uint8Array, size = 60_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

function file(path: string, content: Content, mode = 0o644): ImageEntry {
  return { type: 'file', path, mode, content, ...root };
}

const text = (value: string): Content => ({ kind: 'bytes', bytes: Buffer.from(value) });
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What a reader of the layer finds, by path. */
async function contents(gzip: Buffer): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await readLayer(pieces(gzip), async ({ path, type, content }) => {
    found[path] = type === 'file' ? sha256(await content()) : String(type);
  });
  return found;
}

describe('packing a layer', () => {
  const large = Buffer.from(Array.from({ length: 6_000_000 }, (_, index) => (index * index) >> 7));
  const entries: readonly ImageEntry[] = [
    { type: 'folder', path: 'opt/venv', mode: 0o755, ...root },
    file('opt/venv/pyvenv.cfg', text('home = /usr/bin\n')),
    { type: 'link', path: 'opt/venv/bin/python', target: '/usr/bin/python3.11', ...root },
    file('opt/venv/small.py', deflated(Buffer.from('print("small")\n'.repeat(50)))),
    file('opt/venv/empty.py', deflated(Buffer.alloc(0))),
    file('opt/venv/large.so', deflated(large), 0o755),
    file('opt/venv/streamed.bin', { kind: 'stream', size: large.length, open: () => pieces(large) }),
  ];

  it('names the digest and the size of its bytes, and the diff ID of the tar in them', async () => {
    for (const form of GZIP_FORMS) {
      const { gzip, digest, diffId, size } = await pack(entries, form);
      expect(digest).to.equal(sha256(gzip));
      expect(size).to.equal(gzip.length);
      expect(diffId).to.equal(sha256(gunzipSync(gzip)));
    }
  });

  it('has all files, whole, in both forms', async () => {
    const [members, single] = [await pack(entries, 'members'), await pack(entries, 'single')];
    const found = await contents(members.gzip);
    expect(found).to.deep.equal(await contents(single.gzip));
    expect(found['opt/venv/large.so']).to.equal(sha256(large));
    expect(found['opt/venv/streamed.bin']).to.equal(sha256(large));
    expect(found).to.include({ 'opt/venv/': 'directory', 'opt/venv/bin/python': 'symlink' });
    expect(members.diffId).to.equal(single.diffId);
  });

  it("takes a wheel's compressed bytes as they are", async () => {
    const { gzip } = await pack([file('a.py', deflated(large))]);
    expect(gzip.includes(deflateRawSync(large))).to.equal(true);
  });

  it('is one gzip member in the form `single`', async () => {
    const { gzip } = await pack(entries, 'single');
    const options = { info: true } as const;
    const { engine } = inflateRawSync(gzip.subarray(10), options) as unknown as { engine: InflateRaw };
    expect(engine.bytesWritten).to.equal(gzip.length - 10 - 8);
  });

  it('gives the same bytes, however the content is read', async () => {
    const contents: readonly Content[] = [
      { kind: 'bytes', bytes: large },
      ...[100_000, 700_001].map((size): Content => ({
        kind: 'stream',
        size: large.length,
        open: () => pieces(large, size),
      })),
    ];
    for (const form of GZIP_FORMS) {
      const packed = await Promise.all(
        contents.map((content) => pack([file('a', content), file('b', text('b'))], form)),
      );
      expect(new Set(packed.map(({ digest }) => digest))).to.have.property('size', 1);
    }
  });

  for (const [what, content] of [
    ['has another checksum', deflated(large, { crc32: 1 })],
    ['is longer than the wheel says', deflated(large, { size: large.length - 1 })],
    ['is shorter than the wheel says', deflated(large, { size: large.length + 1 })],
    [
      'has something after its end',
      deflated(large, { open: () => pieces(Buffer.concat([deflateRawSync(large), Buffer.from('x')])) }),
    ],
    ['ends in the middle', deflated(large, { open: () => pieces(deflateRawSync(large).subarray(0, 4000)) })],
    ['is empty only as the wheel says', deflated(large, { size: 0, crc32: 0 })],
    ['is empty, with a checksum of something', deflated(Buffer.alloc(0), { crc32: 1 })],
    ['is no deflate stream', deflated(large, { open: () => pieces(Buffer.alloc(4000, 0xff)) })],
  ] as const) {
    it(`refuses a file that ${what}, large or small`, async () => {
      for (const form of GZIP_FORMS) {
        const error = await rejection(pack([file('site-packages/a.so', content)], form));
        expect(error).to.include({ code: 'build-failed', message: 'site-packages/a.so is damaged in its wheel' });
      }
    });
  }

  it('refuses a file that grows or shrinks while it is read', async () => {
    for (const size of [large.length - 1, large.length + 1]) {
      const content: Content = { kind: 'stream', size, open: () => pieces(large) };
      expect(await rejection(pack([file('data.csv', content)]))).to.include({
        message: 'data.csv changed while it was read',
      });
    }
  });

  it('reads back what it was given, whatever the names, modes and owners', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .map((each) => each.replaceAll(/[/\0]/g, '_'));
    const path = fc
      .array(name, { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join('/'))
      .filter((each) => !/^\.|\/\./.test(each) && each === each.trim());
    const entry = fc.record({
      path,
      bytes: fc.uint8Array({ maxLength: 600 }),
      uid: fc.constantFrom(0, 999, 1_000_660_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(entry, { selector: (each) => each.path, maxLength: 6 }), async (files) => {
        const made = files.map(({ path: each, bytes, uid }): ImageEntry => ({
          type: 'file',
          path: each,
          mode: 0o640,
          uid,
          gid: 0,
          content: { kind: 'bytes', bytes },
        }));
        const [members, single] = [await pack(made), await pack(made, 'single')];
        expect(members.diffId).to.equal(single.diffId);
        const expected = Object.fromEntries(files.map(({ path: each, bytes }) => [each, sha256(bytes)]));
        expect(await contents(members.gzip)).to.deep.equal(expected);
      }),
      { numRuns: 60 },
    );
  });
});
