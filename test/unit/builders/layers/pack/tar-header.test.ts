import { expect } from 'chai';
import fc from 'fast-check';
import { extract, type Header } from 'tar-stream';
import type { Content, ImageEntry } from '../../../../../src/builders/layers/pack/image-entry.js';
import {
  MTIME_SECONDS,
  paddingAfter,
  sizeOf,
  TAR_END,
  tarHeader,
} from '../../../../../src/builders/layers/pack/tar-header.js';

const root = { uid: 0, gid: 0 };
const NOTHING: Content = { kind: 'bytes', bytes: Buffer.alloc(0) };

const file = (path: string, change: Partial<ImageEntry & { type: 'file' }> = {}): ImageEntry => ({
  ...{ type: 'file', path, mode: 0o644, content: NOTHING, ...root },
  ...change,
});
const sized = (size: number): Content => ({ kind: 'stream', size, open: () => expect.fail('nobody asked') });

type Read = Header & { readonly linkname?: string | null; readonly pax?: Readonly<Record<string, string>> | null };

/** As another program reads it: the header alone, whatever the size of the content. */
async function readBack(entry: ImageEntry): Promise<Read> {
  const tar = extract();
  const header = new Promise<Read>((resolve, reject) => {
    tar.once('entry', (read: Header) => resolve(read as Read));
    tar.once('error', reject);
  });
  header.catch(() => undefined);
  tar.write(tarHeader(entry));
  const read = await header;
  tar.destroy();
  return read;
}

const hasPax = (entry: ImageEntry) => tarHeader(entry).length > 512;

/** `folder/…/name`, so many bytes long, its last part `last` of them. */
function pathOf(length: number, last: number): string {
  return last >= length ? 'n'.repeat(length) : `${'f'.repeat(length - last - 1)}/${'n'.repeat(last)}`;
}

describe('the header of a tar', () => {
  const lengths: readonly (readonly [length: number, last: number, hasPax: boolean])[] = [
    [99, 99, false],
    [100, 100, false],
    [101, 101, true],
    [101, 50, false],
    [155, 100, false],
    [156, 100, false],
    [155, 101, true],
    [255, 99, false],
    [255, 100, false],
    [255, 101, true],
    [256, 100, false],
    [256, 99, true],
    [257, 100, true],
    [257, 101, true],
    [1000, 200, true],
  ];
  for (const [length, last, isExtended] of lengths)
    it(`has a path of ${length} bytes with a name of ${last} in ${isExtended ? 'a pax header' : 'itself'}`, async () => {
      const path = pathOf(length, last);
      expect((await readBack(file(path))).name).to.equal(path);
      expect(hasPax(file(path))).to.equal(isExtended);
    });

  it('counts the slash of a folder', async () => {
    for (const length of [98, 99, 100, 101, 154, 155, 156, 255, 256]) {
      const folder: ImageEntry = { type: 'folder', path: pathOf(length, Math.min(length, 99)), mode: 0o755, ...root };
      const read = await readBack(folder);
      expect([read.name, read.type], String(length)).to.deep.equal([`${folder.path}/`, 'directory']);
    }
    expect(hasPax({ type: 'folder', path: 'n'.repeat(99), mode: 0o755, ...root })).to.equal(false);
    expect(hasPax({ type: 'folder', path: 'n'.repeat(100), mode: 0o755, ...root })).to.equal(true);
  });

  it('splits a path where both parts fit', async () => {
    // The only slash that does is neither the first nor the last one.
    const path = `a/${'b'.repeat(150)}/${'c'.repeat(48)}/${'d'.repeat(48)}`;
    expect(hasPax(file(path))).to.equal(false);
    expect((await readBack(file(path))).name).to.equal(path);
  });

  for (const path of [
    'grün.py',
    '日本/語.py',
    `${'é'.repeat(49)}.py`,
    `${'é'.repeat(60)}/é`,
    'a\nb',
    'a\tb',
    '😀',
    ' a ',
    'a=b',
    '#',
  ])
    it(`has ${JSON.stringify(path)} as it is`, async () => {
      expect((await readBack(file(path))).name).to.equal(path);
      const link: ImageEntry = { type: 'link', path, target: path, ...root };
      expect(await readBack(link)).to.include({ name: path, linkname: path, type: 'symlink' });
    });

  it('has the target of a link, however long', async () => {
    for (const length of [1, 99, 100, 101, 155, 256, 4095]) {
      const target = `../${'t'.repeat(length)}`.slice(-length);
      const link: ImageEntry = { type: 'link', path: 'a', target, ...root };
      expect(await readBack(link)).to.include({ linkname: target, type: 'symlink', size: 0, mode: 0o777 });
      expect(hasPax(link), String(length)).to.equal(length > 100);
    }
  });

  const GIB = 2 ** 30;
  for (const [size, isExtended] of [
    [0, false],
    [8 * GIB - 1, false],
    [8 * GIB, true],
    [8 * GIB + 1, true],
    [2 ** 43, true],
  ] as const)
    it(`has a size of ${size} bytes in ${isExtended ? 'a pax header' : 'itself'}`, async () => {
      const entry = file('a', { content: sized(size) });
      expect((await readBack(entry)).size).to.equal(size);
      expect([hasPax(entry), sizeOf(entry)]).to.deep.equal([isExtended, size]);
    });

  for (const mode of [0, 0o644, 0o755, 0o4755, 0o2775, 0o1777, 0o7777])
    it(`has the mode ${mode.toString(8)}`, async () => {
      expect((await readBack(file('a', { mode }))).mode).to.equal(mode);
      expect((await readBack({ type: 'folder', path: 'a', mode, ...root })).mode).to.equal(mode);
    });

  it('has owners, those above what ustar can say in a pax header', async () => {
    for (const [id, isExtended] of [
      [999, false],
      [0o7777777, false],
      [0o10000000, true],
      [1_000_660_000, true],
      [2 ** 32 - 2, true],
    ] as const) {
      const read = await readBack(file('a', { uid: id, gid: id }));
      // tar-stream hands those on as they are written.
      const found = isExtended ? [read.pax?.uid, read.pax?.gid].map(Number) : [read.uid, read.gid];
      expect(found, String(id)).to.deep.equal([id, id]);
    }
  });

  it('has one time for everything, which zip can store in every time zone', async () => {
    expect(MTIME_SECONDS).to.be.at.least(Date.UTC(1980, 0, 2) / 1000);
    const entries: ImageEntry[] = [
      ...[file('a'), file('é'), file('n'.repeat(300))],
      { type: 'folder', path: 'a', mode: 0o755, ...root },
      { type: 'link', path: 'a', target: 'b', ...root },
    ];
    for (const entry of entries) expect((await readBack(entry)).mtime.getTime()).to.equal(MTIME_SECONDS * 1000);
  });

  it('is read back as it was written, whatever it is', async () => {
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 70 })
      .map((each) => each.replaceAll(/[/\0]/g, '_'))
      .filter((each) => each !== '.' && each !== '..');
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    const facts = { path, mode: fc.nat(0o7777), uid: fc.nat(2 ** 31), gid: fc.nat(2 ** 31) };
    const entry = fc.oneof(
      fc.record({ ...facts, type: fc.constant('folder' as const) }),
      fc.record({ ...facts, type: fc.constant('link' as const), target: path }),
      fc.record({ ...facts, type: fc.constant('file' as const), content: fc.nat(2 ** 40).map(sized) }),
    );
    await fc.assert(
      fc.asyncProperty(entry, async (each) => {
        const header = tarHeader(each);
        expect(header.length % 512).to.equal(0);
        expect(Buffer.from(tarHeader(each)).equals(header)).to.equal(true);
        const read = await readBack(each);
        expect(read.name).to.equal(each.type === 'folder' ? `${each.path}/` : each.path);
        expect(read.type).to.equal({ folder: 'directory', link: 'symlink', file: 'file' }[each.type]);
        expect(read.size).to.equal(each.type === 'file' ? each.content.kind === 'stream' && each.content.size : 0);
        expect(read.mode).to.equal(each.type === 'link' ? 0o777 : each.mode);
        expect(Number(read.pax?.uid ?? read.uid)).to.equal(each.uid);
        expect(Number(read.pax?.gid ?? read.gid)).to.equal(each.gid);
        if (each.type === 'link') expect(read.linkname).to.equal(each.target);
      }),
      { numRuns: 300 },
    );
  });

  it('is followed by zeros up to the next block, and two more blocks at the end', () => {
    expect([0, 1, 511, 512, 513, 8 * GIB + 1].map(paddingAfter)).to.deep.equal([0, 511, 1, 0, 511, 511]);
    expect([TAR_END.length, TAR_END.every((byte) => byte === 0)]).to.deep.equal([1024, true]);
  });
});
