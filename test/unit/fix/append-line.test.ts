import { expect } from 'chai';
import fc from 'fast-check';
import { appendLine } from '../../../src/fix/append-line.js';
import { KdeployError } from '../../../src/errors.js';

describe('a line at the end of a file', () => {
  const cases: readonly [what: string, before: string, after: string][] = [
    ['an empty file', '', 'x\n'],
    ['a file', 'a\nb\n', 'a\nb\nx\n'],
    ['a file whose last line is not ended', 'a\nb', 'a\nb\nx\n'],
    ['a file of one line that is not ended', 'a', 'a\nx\n'],
    ['a file from Windows', 'a\r\nb\r\n', 'a\r\nb\r\nx\r\n'],
    ['a file from Windows whose last line is not ended', 'a\r\nb', 'a\r\nb\r\nx\r\n'],
    ['a file with a byte order mark', '\uFEFFa\n', '\uFEFFa\nx\n'],
    ['a file that ends in empty lines', 'a\n\n\n', 'a\n\n\nx\n'],
    ['a file with a backslash elsewhere', 'a \\\n  b\n', 'a \\\n  b\nx\n'],
  ];
  for (const [what, before, after] of cases) {
    it(`is added to ${what}`, () => {
      expect(appendLine('f', Buffer.from(before), 'x').toString()).to.equal(after);
    });
  }

  it('leaves every byte as it is, also in an encoding that nobody told', () => {
    const latin1 = Buffer.from('# Gr\xFC\xDFe\n', 'latin1');
    expect(appendLine('f', latin1, 'x').subarray(0, latin1.length).equals(latin1)).to.equal(true);
  });

  const refusals: readonly [what: string, bytes: Buffer, message: string][] = [
    ['UTF-16, as PowerShell writes it', Buffer.from('\uFEFFa\n', 'utf16le'), 'f is UTF-16 or not text'],
    ['UTF-16 of the other order', Buffer.from([0xfe, 0xff, 0x66, 0x66]), 'f is UTF-16 or not text'],
    ['no text', Buffer.from('a\0b'), 'f is UTF-16 or not text'],
    ['a line that goes on', Buffer.from('a \\'), 'f ends with a backslash, which would join the new line to it'],
    [
      'a line that goes on, ended',
      Buffer.from('a \\\r\n'),
      'f ends with a backslash, which would join the new line to it',
    ],
  ];
  for (const [what, bytes, message] of refusals) {
    it(`is not added to ${what}`, () => {
      expect(() => appendLine('f', bytes, 'x')).to.throw(KdeployError, message);
    });
  }

  it('is the last line, and all others stay, whatever they are', () => {
    const line = fc.string().map((text) => text.replaceAll(/[\0\\\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const before = lines.join('\n');
        const after = appendLine('f', Buffer.from(before), 'x').toString();
        expect(after.startsWith(before)).to.equal(true);
        expect(after.split(/\r?\n/).slice(-2)).to.deep.equal(['x', '']);
      }),
    );
  });
});
