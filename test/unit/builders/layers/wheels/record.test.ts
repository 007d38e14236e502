import { expect } from 'chai';
import fc from 'fast-check';
import { formatRecord, parseRecord } from '../../../../../src/builders/layers/wheels/record.js';

describe('RECORD', () => {
  for (const [what, text, expected] of [
    [
      'plain rows',
      'a.py,sha256=x,3\nb.py,,\n',
      [
        ['a.py', 'sha256=x', '3'],
        ['b.py', '', ''],
      ],
    ],
    [
      'the line ends of Windows',
      'a.py,h,3\r\nb.py,,\r\n',
      [
        ['a.py', 'h', '3'],
        ['b.py', '', ''],
      ],
    ],
    ['no line end at the end', 'a.py,h,3', [['a.py', 'h', '3']]],
    ['blank lines', '\na.py,h,3\n\n\r\n', [['a.py', 'h', '3']]],
    [
      'quotes',
      '"a,b.py",h,3\n"say ""x"".py",h,4\n',
      [
        ['a,b.py', 'h', '3'],
        ['say "x".py', 'h', '4'],
      ],
    ],
    ['quotes around a whole row', '"a.py","h","3"\n', [['a.py', 'h', '3']]],
    ['a quote in the middle', 'a"b.py,h,3\n', [['a"b.py', 'h', '3']]],
    ['a quote that is not closed', '"a.py,h,3\n', [['a.py,h,3\n', '', '']]],
    [
      'short rows',
      'a.py\nb.py,h\n',
      [
        ['a.py', '', ''],
        ['b.py', 'h', ''],
      ],
    ],
    ['long rows', 'a.py,h,3,more\n', [['a.py', 'h', '3']]],
    ['an empty last field', 'a.py,h,', [['a.py', 'h', '']]],
    [
      'absolute and roundabout paths',
      '/a.py,h,3\n./b/./c.py,h,4\n',
      [
        ['a.py', 'h', '3'],
        ['b/c.py', 'h', '4'],
      ],
    ],
    ['one path twice, of which the first counts', 'a.py,h,3\na.py,other,4\n', [['a.py', 'h', '3']]],
    ['nothing', '', []],
  ] as const) {
    it(`is read with ${what}`, () => {
      const rows = [...parseRecord(text).values()].map(({ path, hash, size }) => [path, hash, size]);
      expect(rows).to.deep.equal(expected);
    });
  }

  it('is sorted by bytes, and quotes what the csv module quotes', () => {
    const rows = ['b', 'B', 'a,b', 'say "x"', 'a b', "it's", '\u{1F600}', '\uFB01', 'a/b', 'a-b'];
    expect(formatRecord(rows.map((path) => ({ path, hash: 'h', size: '1' })))).to.equal(
      'B,h,1\na b,h,1\n"a,b",h,1\na-b,h,1\na/b,h,1\nb,h,1\nit\'s,h,1\n"say ""x""",h,1\n\uFB01,h,1\n\u{1F600},h,1\n',
    );
  });

  it('is read as it was written', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', '\n', '\r', ' ', 'ü', '='), minLength: 1 });
    const rows = fc.uniqueArray(fc.record({ path: text, hash: text, size: text }), { selector: ({ path }) => path });
    fc.assert(
      fc.property(rows, (written) => {
        const read = [...parseRecord(formatRecord(written)).values()];
        expect(formatRecord(read)).to.equal(formatRecord(written));
        expect(read).to.have.lengthOf(written.length);
      }),
    );
  });
});
