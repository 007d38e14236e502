import { expect } from 'chai';
import { barLines } from '../../../src/ui/bar-lines.js';

const MB = 1_000_000;

describe('the bars of what is under way', () => {
  it('tell how far each transfer is', () => {
    const bars = [
      { name: '4be1c0ffee12', done: 0, total: 20 * MB },
      { name: 'd6d9243ac7dc', done: 50 * MB, total: 100 * MB },
      { name: '9751b5a983da', done: 3 * MB, total: 3 * MB },
    ];
    expect(barLines(bars, 80)).to.equal(
      [
        '',
        '  4be1c0ffee12  ░░░░░░░░░░░░░░░░░░░░░░░░  0 B of 20 MB',
        '  d6d9243ac7dc  ████████████░░░░░░░░░░░░  50 MB of 100 MB',
        '  9751b5a983da  ████████████████████████  3.0 MB of 3.0 MB',
      ].join('\n'),
    );
  });

  it('are none for what is there in a moment', () => {
    expect(barLines([{ name: 'a', done: 1, total: 999_999 }], 80)).to.equal('');
  });

  it('are a few at a time', () => {
    const bars = Array.from({ length: 9 }, (_, index) => ({ name: String(index), done: 0, total: 2 * MB }));
    expect(barLines(bars, 80).split('\n')).to.have.length(1 + 4);
  });

  it('are none on a terminal that would break their lines, and never longer than whole', () => {
    const bar = { name: '4be1c0ffee12', done: 9 * MB, total: 2 * MB };
    expect(barLines([bar], 30)).to.equal('');
    expect(barLines([bar], 80)).to.include(`${'█'.repeat(24)}  `);
  });
});
