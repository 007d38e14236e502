import { expect } from 'chai';
import { usageOf } from '../../../src/cache/usage.js';

describe('what a cache holds', () => {
  const usedAt = new Date(0);

  it('is counted by kind, and in all', () => {
    const entries = [
      { kind: 'wheels', key: 'a', bytes: 5, usedAt },
      { kind: 'layers', key: 'a', bytes: 7, usedAt },
      { kind: 'wheels', key: 'b', bytes: 1, usedAt },
    ];
    expect(usageOf(entries)).to.deep.equal({
      kinds: [
        { kind: 'layers', entries: 1, bytes: 7 },
        { kind: 'wheels', entries: 2, bytes: 6 },
      ],
      entries: 3,
      bytes: 13,
    });
  });

  it('is nothing of no kind where it is empty', () => {
    expect(usageOf([])).to.deep.equal({ kinds: [], entries: 0, bytes: 0 });
  });
});
