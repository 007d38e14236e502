import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { openWheel, type WheelArchive } from '../../../../../src/builders/layers/wheels/wheel-archive.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';
import { zipFile, type ZipEnd, type ZipPart } from './zip-file.js';

describe('the archive of a wheel', () => {
  let folder: TemporaryFolder;
  let opened: WheelArchive[];

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    opened = [];
  });

  afterEach(async () => {
    for (const archive of opened) await archive.close();
    await folder.remove();
  });

  async function openBytes(bytes: Buffer): Promise<WheelArchive> {
    await folder.write({ kept: bytes });
    const archive = await openWheel(folder.file('kept'), 'a-1-py3-none-any.whl');
    opened.push(archive);
    return archive;
  }

  const openZip = (parts: readonly ZipPart[], end?: ZipEnd) => openBytes(zipFile(parts, end));

  async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it('has its files, without folders, in the order of their bytes', async () => {
    const archive = await openZip([
      { name: 'b/', stored: true },
      { name: 'b/x.py', content: 'print(1)', mode: 0o100755 },
      { name: 'a.txt', content: 'kept', stored: true },
      { name: 'grün/ü.py', content: 'pass' },
      { name: 'empty', content: '' },
    ]);
    expect(archive.entries.map(({ name, method, size, mode }) => [name, method, size, mode])).to.deep.equal([
      ['b/x.py', 8, 8, 0o755],
      ['a.txt', 0, 4, 0o644],
      ['grün/ü.py', 8, 4, 0o644],
      ['empty', 8, 0, 0o644],
    ]);
    const contents = await Promise.all(archive.entries.map(async (entry) => String(await archive.read(entry))));
    expect(contents).to.deep.equal(['print(1)', 'kept', 'pass', '']);
  });

  it('may have an empty file that is compressed to nothing, which Python’s zipfile reads too', async () => {
    const archive = await openZip([
      { name: 'empty', method: 8, stored: true },
      { name: 'more', content: 'x' },
    ]);
    expect(archive.entries[0]).to.include({ method: 8, compressedSize: 0 });
    expect((await archive.read(archive.entries[0]!)).length).to.equal(0);
  });

  it('has the permissions of Unix wherever it was made, and none without them', async () => {
    const archive = await openZip([
      { name: 'a', system: 0, mode: 0o100755 },
      { name: 'b', system: 0, mode: 0 },
      { name: 'c', mode: 0o100000 },
    ]);
    expect(archive.entries.map(({ mode }) => mode)).to.deep.equal([0o755, undefined, 0]);
  });

  it('gives the compressed bytes of a large file in pieces, as often as they are asked for', async () => {
    const content = randomBytes(700_000);
    const archive = await openZip([
      { name: 'large', content },
      { name: 'kept', content, stored: true },
    ]);
    const [large, kept] = archive.entries;
    for (let times = 0; times < 2; times += 1) {
      let pieces = 0;
      const raw: Uint8Array[] = [];
      for await (const chunk of large!.open()) {
        pieces += 1;
        expect(chunk.length).to.be.lessThan(200_000);
        raw.push(chunk);
      }
      expect(pieces).to.be.greaterThan(3);
      const bytes = Buffer.concat(raw);
      expect(bytes.length).to.equal(large!.compressedSize);
      expect(inflateRawSync(bytes).equals(content)).to.equal(true);
    }
    expect((await bytesOf(kept!.open())).equals(content)).to.equal(true);
    expect((await archive.read(large!)).equals(content)).to.equal(true);
  });

  it('can be read from several places at once, and after it was closed', async () => {
    const archive = await openZip([
      { name: 'a', content: 'A'.repeat(300_000) },
      { name: 'b', content: randomBytes(300_000) },
    ]);
    const read = () => Promise.all(archive.entries.flatMap((entry) => [archive.read(entry), archive.read(entry)]));
    const before = await read();
    await archive.close();
    await archive.close();
    expect(await read()).to.deep.equal(before);
  });

  it('leaves no file open, even where a reading stops early', async () => {
    const isLinux = process.platform === 'linux';
    const count = () => (isLinux ? readdirSync('/proc/self/fd').length : 0);
    const before = count();
    const archive = await openZip([{ name: 'a', content: randomBytes(700_000) }]);
    await archive.close();
    const [entry] = archive.entries;
    for await (const chunk of entry!.open()) if (chunk.length > 0) break;
    expect((await archive.readStart(entry!, 10)).length).to.equal(10);
    await rejection(openBytes(Buffer.from('no zip')));
    await rejection(openWheel(folder.file('missing')));
    expect(count()).to.equal(before);
  });

  it('gives the first bytes of a file without reading the rest', async () => {
    const archive = await openZip([
      { name: 'a', content: '#!python\n' + 'x'.repeat(10_000_000), crc32: 1 },
      { name: 'b', content: '#!', stored: true },
      { name: 'c', content: '' },
    ]);
    const starts = await Promise.all(archive.entries.map(async (entry) => String(await archive.readStart(entry, 8))));
    expect(starts).to.deep.equal(['#!python', '#!', '']);
  });

  it('finds the bytes behind local fields that the central directory does not have', async () => {
    for (const length of [0, 4, 63, 64, 65, 1000, 65_000]) {
      const content = randomBytes(200_000);
      const archive = await openZip([
        { name: 'a', content, localExtra: Buffer.alloc(length), extra: Buffer.alloc(9), hasDescriptor: true },
        { name: 'b', content: 'after' },
      ]);
      expect((await archive.read(archive.entries[0]!)).equals(content), String(length)).to.equal(true);
    }
  });

  for (const [what, parts, end] of [
    ['a comment', [{ name: 'a', content: 'x' }], { comment: Buffer.from('made by\u0001PK') }],
    ['zeros behind it', [{ name: 'a', content: 'x' }], { appended: Buffer.alloc(30) }],
    ['Zip64 sizes', [{ name: 'a', content: 'x', isZip64: true }], {}],
    ['a Zip64 end', [{ name: 'a', content: 'x' }], { isZip64: true }],
    ['a Zip64 end beside a true old one', [{ name: 'a', content: 'x' }], { isZip64: true, oldCount: 1 }],
    ['a link, which is a file for installers', [{ name: 'a', content: 'x', mode: 0o120777 }], {}],
    ['a data descriptor', [{ name: 'a', content: 'x', hasDescriptor: true }], {}],
    ['extra fields cut short', [{ name: 'a', content: 'x', extra: Buffer.from([9, 9, 9]) }], {}],
  ] as const) {
    it(`is read with ${what}`, async () => {
      const archive = await openZip(parts, end);
      expect(String(await archive.read(archive.entries[0]!))).to.equal('x');
    });
  }

  const fine = { name: 'b', content: 'fine' };
  for (const [what, parts, end, reason] of [
    ['no end', [fine], { appended: Buffer.from('x') }, 'it is not a zip archive, or not a whole one'],
    [
      'a comment that is too short',
      [fine],
      { comment: Buffer.alloc(0), appended: Buffer.from('PK') },
      'not a whole one',
    ],
    ['bytes before it', [fine], { prefix: Buffer.from('#!/bin/sh'), directoryOffset: 34 }, 'is not where it should be'],
    [
      'bytes behind its directory',
      [fine],
      { gap: Buffer.from('x') },
      'its central directory is not where it should be',
    ],
    ['too few entries', [fine], { count: 2 }, 'it has 1 entries, but says that it has 2'],
    ['too many entries', [fine], { count: 0 }, 'it has 1 entries, but says that it has 0'],
    ['ends that differ', [fine], { isZip64: true, oldCount: 7 }, 'its two ends contradict each other'],
    ['several disks', [fine], { disk: 1 }, 'it is one part of several'],
    ['a file on another disk', [{ ...fine, disk: 1 }], {}, 'it is one part of several'],
    ['an encrypted file', [{ ...fine, flags: 1 }], {}, '"b" is encrypted or patched'],
    ['masked headers', [{ ...fine, flags: 0x2000 }], {}, '"b" is encrypted or patched'],
    ['another compression', [{ ...fine, method: 12 }], {}, '"b" is compressed by method 12'],
    ['Deflate64', [{ ...fine, method: 9 }], {}, '"b" is compressed by method 9'],
    ['a stored file of two sizes', [{ ...fine, stored: true, size: 5 }], {}, 'in another size than its own'],
    ['a folder with content', [{ name: 'b/', content: 'x', stored: true }], {}, 'the folder "b/" has content'],
    ['one name twice', [fine, { ...fine, content: 'other' }], {}, '"b" is in it twice'],
    ['a file that is a folder', [fine, { name: 'b/c' }], {}, '"b" is a file and a folder'],
    ['a file that is an empty folder', [fine, { name: 'b/', stored: true }], {}, '"b" is a file and a folder'],
    ['a file far below a file', [{ name: 'b/c/d/e' }, { name: 'b/x/y' }, fine], {}, '"b" is a file and a folder'],
    ['a name that leads out', [{ name: '../b' }], {}, 'the name "../b" is not allowed'],
    ['a name that leads back', [{ name: 'a/../b' }], {}, 'the name "a/../b" is not allowed'],
    ['an absolute name', [{ name: '/etc/passwd' }], {}, 'the name "/etc/passwd" is not allowed'],
    ['a backslash', [{ name: 'a\\b' }], {}, String.raw`the name "a\\b" is not allowed`],
    ['a zero in a name', [{ name: 'a\0b' }], {}, String.raw`the name "a\u0000b" is not allowed`],
    ['a line feed in a name', [{ name: 'a\nb' }], {}, String.raw`the name "a\nb" is not allowed`],
    ['an empty name', [{ name: '' }], {}, 'the name "" is not allowed'],
    ['a roundabout name', [{ name: './a' }], {}, 'the name "./a" is not allowed'],
    ['a doubled slash', [{ name: 'a//b' }], {}, 'the name "a//b" is not allowed'],
    ['Latin 1', [{ name: Buffer.from('fr\xfch', 'latin1') }], {}, 'the name "früh" is not in UTF-8'],
    ['letters without their mark', [{ name: 'früh', flags: 0 }], {}, 'the name "früh" is not marked as UTF-8'],
    ['entries that overlap', [fine, { name: 'c', offset: 3 }], {}, '"b" reaches into what comes after it'],
    ['entries at one place', [fine, { name: 'c', offset: 0 }], {}, 'reaches into what comes after it'],
    ['more bytes than it has', [{ ...fine, compressedSize: 10_000 }], {}, '"b" reaches into what comes after it'],
    ['an entry behind its end', [{ ...fine, offset: 5_000 }], {}, '"b" reaches into what comes after it'],
    [
      'a Zip64 field cut short',
      [{ ...fine, compressedSize: 0xffffffff, extra: Buffer.from([1, 0, 4, 0, 1, 2, 3, 4]) }],
      {},
      'the Zip64 sizes of "b" are damaged',
    ],
    [
      'impossible sizes',
      [{ ...fine, size: 0xffffffff, extra: Buffer.concat([Buffer.from([1, 0, 8, 0]), Buffer.alloc(8, 0xff)]) }],
      {},
      'larger than any file',
    ],
  ] as readonly (readonly [string, readonly ZipPart[], ZipEnd, string])[]) {
    it(`is refused with ${what}`, async () => {
      const error = await rejection(openZip(parts, end));
      expect(error.code).to.equal('build-failed');
      expect(error.message).to.contain('a-1-py3-none-any.whl is not a valid wheel: ').and.to.contain(reason);
      expect(error.hint).to.equal('pin another version of the package, or report the wheel to its maintainers');
    });
  }

  it('is refused when it is cut off anywhere', async () => {
    const whole = zipFile([fine, { name: 'c', content: 'x'.repeat(100), isZip64: true }], { isZip64: true });
    for (let length = 0; length < whole.length; length += 1) {
      expect((await rejection(openBytes(whole.subarray(0, length)))).code, String(length)).to.equal('build-failed');
    }
  });

  for (const [what, part, reason] of [
    ['another name', { localName: 'x' }, 'the two headers of "b" contradict each other'],
    ['a longer name', { localName: 'bb' }, 'the two headers of "b" contradict each other'],
    ['another compression', { localMethod: 0 }, 'the two headers of "b" contradict each other'],
    ['no header', { localSignature: 0 }, 'the two headers of "b" contradict each other'],
    ['another checksum', { crc32: 7 }, 'b is damaged'],
    ['a smaller size', { size: 3 }, 'b is damaged'],
    ['a larger size', { size: 5 }, 'b is damaged'],
    ['content that is no deflate stream', { method: 8, stored: true }, 'b is damaged'],
    ['a bomb', { content: Buffer.alloc(20_000_000), size: 10 }, 'b is damaged'],
    ['another checksum of stored bytes', { stored: true, crc32: 7 }, 'b is damaged'],
    ['more bytes than can be held', { size: 64 * 1024 * 1024 + 1 }, 'b is larger than 64 MB'],
  ] as const) {
    it(`is refused when a file with ${what} is read`, async () => {
      const archive = await openZip([{ ...fine, ...part }, { name: 'z' }]);
      const error = await rejection(archive.read(archive.entries[0]!));
      expect(error.code).to.equal('build-failed');
      expect(error.message).to.equal(`a-1-py3-none-any.whl is not a valid wheel: ${reason}`);
    });
  }

  it('is refused when a file’s local fields reach over the next', async () => {
    const bytes = zipFile([fine, { name: 'z' }]);
    bytes.writeUInt16LE(20, 28);
    const archive = await openBytes(bytes);
    expect((await rejection(archive.read(archive.entries[0]!))).message).to.contain(
      '"b" reaches into what comes after',
    );
  });

  it('says so when the file shrinks meanwhile', async () => {
    const archive = await openZip([{ name: 'a', content: randomBytes(1000) }]);
    await truncate(folder.file('kept'), 500);
    expect((await rejection(archive.read(archive.entries[0]!))).message).to.contain('it ends too early');
  });

  it('that cannot be opened is a problem of the machine', async () => {
    const error = await rejection(openWheel(folder.file('missing')));
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      `${folder.file('missing')} cannot be opened: it, or a folder on the way to it, does not exist`,
    ]);
    expect((await rejection(openWheel(folder.path))).code).to.equal('configuration');
  });
});
