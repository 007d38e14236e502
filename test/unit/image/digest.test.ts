import { Readable } from 'node:stream';
import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { digestOf, digestOfStream, isDigest, isDigestOf, parseDigest } from '../../../src/image/digest.js';

/** The digest of no bytes, as everyone knows it. */
const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('a digest', () => {
  it('is computed from bytes and, without keeping them, from a stream', async () => {
    expect(digestOf('')).to.equal(EMPTY);
    const chunks = [Buffer.from('space'), Buffer.from('flights')];
    const whole = digestOf(Buffer.concat(chunks));
    expect(await digestOfStream(Readable.from(chunks))).to.deep.equal({ digest: whole, size: 12 });
  });

  it('tells its own bytes from others', () => {
    expect(isDigestOf(EMPTY, Buffer.alloc(0))).to.equal(true);
    expect(isDigestOf(EMPTY, Buffer.from('x'))).to.equal(false);
    const sha512 = parseDigest(
      'sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    );
    expect(isDigestOf(sha512, Buffer.alloc(0))).to.equal(true);
  });

  const wrong: [string, RegExp][] = [
    ['', /algorithm is missing/],
    ['latest', /algorithm is missing/],
    ['e3b0c4', /algorithm is missing/],
    ['md5:e3b0c4', /neither sha256 nor sha512/],
    ['toString:e3b0c4', /neither sha256 nor sha512/],
    ['sha256:', /needs 64/],
    [EMPTY.slice(0, -1), /there are 63/],
    [`${EMPTY}0`, /there are 65/],
    [EMPTY.replace('e', 'E'), /only 0-9 and a-f/],
    [EMPTY.replace('e', 'g'), /only 0-9 and a-f/],
    [EMPTY.replace('e', '/'), /only 0-9 and a-f/],
    [`${EMPTY}\n`, /there are 65/],
  ];
  for (const [text, message] of wrong) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(isDigest(text)).to.equal(false);
      expect(() => parseDigest(text)).to.throw(KdeployError, message);
    });
  }
});
