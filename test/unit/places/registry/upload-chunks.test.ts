import { expect } from 'chai';
import type { Reply } from '../../../../src/places/registry/transport.js';
import { Hints } from '../../../../src/places/registry/upload-chunks.js';

// How a blob gets there with them: upload-blob.test.ts.
describe('what a registry says of how much of a blob it has', () => {
  const saying = (range?: string): Reply => ({
    status: 202,
    headers: new Headers(range === undefined ? {} : { Range: range }),
    body: Buffer.alloc(0),
    url: new URL('https://r.io/'),
  });

  const table: readonly (readonly [range: string | undefined, received: number | undefined])[] = [
    ['0-199', 200],
    ['bytes=0-199', 200],
    ['bytes 0-199', 200],
    ['0-99', 100],
    ['0-299', 300],
    // Less than is known to be there, and more than was sent.
    ['0-98', undefined],
    ['0-300', undefined],
    // One byte to some, none to others.
    ['0-0', undefined],
    ['100-199', undefined],
    ['0-', undefined],
    ['many', undefined],
    [`0-${'9'.repeat(40)}`, undefined],
    [undefined, undefined],
  ];
  for (const [range, received] of table) {
    it(`counts where it can be true: ${range ?? 'nothing'}`, () => {
      const hints = new Hints();
      expect(hints.received(saying(range), 100, 300)).to.equal(received);
      expect(hints.wereTaken).to.equal(received !== undefined);
    });
  }

  it('is all of a chunk that was taken, unless it moved on by less', () => {
    const after = (range: string | undefined) => new Hints().after(saying(range), 100, 300);
    expect([undefined, '0-0', '0-99', '0-299', '0-5', '0-999'].map(after)).to.deep.equal(Array(6).fill(300));
    expect(after('0-249')).to.equal(250);
  });

  it('counts no more once the digest has shown that it was wrong', () => {
    const hints = new Hints();
    hints.received(saying('0-199'), 100, 300);
    hints.distrust();
    expect([hints.wereTaken, hints.received(saying('0-199'), 100, 300)]).to.deep.equal([false, undefined]);
    expect(hints.after(saying('0-199'), 100, 300)).to.equal(300);
  });

  it('counts no more where it moves on by little again and again', () => {
    const hints = new Hints();
    const counts = Array.from({ length: 10 }, () => hints.after(saying('0-100'), 100, 300));
    expect(counts).to.deep.equal([...Array<number>(8).fill(101), 300, 300]);
  });
});
