import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { judgeGitObject, maximumObjectBytes } from '../../../src/secrets/git-objects.js';

// In two parts, so that nobody's scanner takes this file for a leak.
const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');
const FOUND = { why: 'contains a GitHub token that was committed', isCertain: true };
const PACK = '.git/objects/pack/pack-1.pack';
const LOOSE = `.git/objects/0a/${'1b'.repeat(19)}`;
const ORDINARY = 'nothing but ordinary words, and more than sixteen of them';

const [COMMIT, TREE, BLOB, TAG] = [1, 2, 3, 4];

/** A number of git: seven bits in each byte, the highest bit set in all but the last. */
const number = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]);

/** An object as it stands in a pack: its type and size, what it is based on, its content. */
function packed(type: number, content: string | Buffer, base: readonly number[] = []): Buffer {
  const bytes = Buffer.from(content);
  const [rest, first] = [bytes.length >> 4, (type << 4) | (bytes.length & 15)];
  const header = rest === 0 ? [first] : [first | 128, ...number(rest)];
  return Buffer.concat([Buffer.from([...header, ...base]), deflateSync(bytes)]);
}

/** A pack, with the checksum at its end. */
const packOf = (...objects: Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, objects.length]),
    ...objects,
    Buffer.alloc(20, 0xab),
  ]);

/** The sizes before and after, and instructions: words to add, or the bytes of a copy. */
const delta = (...instructions: (string | readonly number[])[]): Buffer =>
  Buffer.concat([
    Buffer.from([...number(300), ...number(20_000)]),
    ...instructions.map((one) =>
      typeof one === 'string' ? Buffer.concat([Buffer.from([one.length]), Buffer.from(one)]) : Buffer.from(one),
    ),
  ]);

/** With all seven bytes that a copy may have, with two of them, with none. */
const COPIES = [[0xff, 1, 2, 3, 4, 5, 6, 7], [0x91, 0x90, 0x70], [0x80]] as const;

const byDistance = (content: Buffer, distance: readonly number[] = [0x81, 0x05]): Buffer =>
  packed(6, content, distance);
const byId = (content: Buffer): Buffer => packed(7, content, Array<number>(20).fill(0xfe));

describe('a pack', () => {
  const pack = (...objects: Buffer[]) => judgeGitObject(PACK, packOf(...objects));

  for (const [kind, type] of [
    ['commit', COMMIT],
    ['file', BLOB],
    ['tag', TAG],
  ] as const)
    it(`gives away what a ${kind} holds, wherever it stands`, () => {
      expect(pack(packed(type, TOKEN), packed(BLOB, ORDINARY))).to.deep.equal(FOUND);
      expect(
        pack(packed(BLOB, ORDINARY), packed(BLOB, ''), packed(BLOB, 'x'.repeat(5000)), packed(type, TOKEN)),
      ).to.deep.equal(FOUND);
    });

  it('is passed over where it holds nothing', () => {
    expect(pack()).to.equal(undefined);
    expect(
      pack(packed(COMMIT, ORDINARY), packed(TREE, `100644 ${TOKEN}\0${'i'.repeat(20)}`), packed(BLOB, ORDINARY)),
    ).to.equal(undefined);
  });

  for (const [how, based] of [
    ['its distance', byDistance],
    ['its ID', byId],
  ] as const) {
    it(`gives away what is only in the changes to an object that is named by ${how}`, () => {
      expect(pack(packed(BLOB, ORDINARY), based(delta(...COPIES, `token: ${TOKEN}`, ...COPIES)))).to.deep.equal(FOUND);
    });

    it(`gives away what stands behind the changes to an object that is named by ${how}`, () => {
      expect(pack(packed(BLOB, ORDINARY), based(delta(...COPIES, ORDINARY)), packed(BLOB, TOKEN))).to.deep.equal(FOUND);
    });
  }

  it('is read on behind a distance of one byte, and of many', () => {
    for (const distance of [[0x7f], [0x80, 0xff, 0xff, 0x00]])
      expect(pack(byDistance(delta(ORDINARY), distance), packed(BLOB, TOKEN))).to.deep.equal(FOUND);
  });

  it('takes words that are added one after the other together, and words around a copy apart', () => {
    const [half, rest] = [TOKEN.slice(0, 20), TOKEN.slice(20)];
    for (const based of [byDistance, byId]) {
      expect(pack(based(delta(...COPIES, half, rest)))).to.deep.equal(FOUND);
      for (const copy of COPIES) expect(pack(based(delta(half, copy, rest)))).to.equal(undefined);
    }
  });

  it('takes no words from the sizes in front of the changes', () => {
    const changes = Buffer.concat([Buffer.from([4, 4]), Buffer.from([TOKEN.length]), Buffer.from(TOKEN)]);
    expect(pack(byId(changes))).to.deep.equal(FOUND);
    expect(pack(byId(Buffer.concat([Buffer.from([4]), Buffer.from(`4${TOKEN}`)])))).to.equal(undefined);
  });
});

describe('an object of its own', () => {
  const loose = (text: string) => judgeGitObject(LOOSE, deflateSync(`blob ${text.length}\0${text}`));

  it('gives away what it holds', () => expect(loose(`x ${TOKEN}`)).to.deep.equal(FOUND));
  it('may hold anything else', () => expect(loose(ORDINARY)).to.equal(undefined));

  it('is passed over where it is larger than any text that is searched', () => {
    const text = (size: number) => TOKEN + '\n'.repeat(size - TOKEN.length);
    expect(loose(text(1024 * 1024))).to.deep.equal(FOUND);
    expect(loose(text(1024 * 1024 + 1))).to.equal(undefined);
  });
});

it('a pack is read up to a larger size than an object of its own', () => {
  expect(maximumObjectBytes(LOOSE)).to.equal(1024 * 1024);
  expect(maximumObjectBytes(PACK)).to.be.greaterThan(100 * 1024 * 1024);
});
