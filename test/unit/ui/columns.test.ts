import { expect } from 'chai';
import fc from 'fast-check';
import { bytesText, columns } from '../../../src/ui/columns.js';

describe('columns', () => {
  it('have their values below each other, and leave out rows without one', () => {
    const rows = [
      ['env', 'prod'],
      ['a very long name that is not shown', null],
      ['experiment', 'flights'],
    ] as const;
    expect(columns(rows, '  ')).to.equal('  env         prod\n  experiment  flights');
  });

  it('are nothing without rows', () => {
    expect([columns([]), columns([['a', null]])]).to.deep.equal(['', '']);
  });
});

describe('bytes', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1540, '1.5 kB'],
    [12_300, '12 kB'],
    [99_700, '100 kB'],
    [918_000_000, '918 MB'],
    [1_250_000_000, '1.3 GB'],
    [5_000_000_000_000_000, '5000 TB'],
  ] as const) {
    it(`${bytes} are ${text}`, () => {
      expect(bytesText(bytes)).to.equal(text);
    });
  }

  it('are always a plain number with a unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(bytesText(bytes)).to.match(/^\d+(\.\d)? [kMGT]?B$/);
      }),
    );
  });
});
