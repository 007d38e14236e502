import { expect } from 'chai';
import { formatVerdict, parseVerdict, verdictIn } from '../../../src/bake/verdict.js';

const DIGEST = 'a'.repeat(64);
const SETTINGS = 'src/flights/settings.py';

describe('a verdict, written down', () => {
  it('is read as what it was', () => {
    const verdict = { key: DIGEST, files: { [SETTINGS]: DIGEST, 'src/flights/missing.py': null } };
    expect(parseVerdict(formatVerdict(verdict))).to.deep.equal(verdict);
    expect(parseVerdict(formatVerdict({ key: DIGEST, files: {} }))).to.deep.equal({ key: DIGEST, files: {} });
  });

  it('has the same bytes in whatever order its files were read', () => {
    const [one, other] = [
      { a: DIGEST, b: null },
      { b: null, a: DIGEST },
    ].map((files) => formatVerdict({ key: DIGEST, files }).toString());
    expect(one).to.equal(other);
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['a web page', '<html>'],
    ['null', 'null'],
    ['a list', `[{"key":"${DIGEST}","files":{}}]`],
    ['one that was cut off', `{"key":"${DIGEST}","files":{`],
  ] as const)
    it(`is none where there is ${what}`, () => {
      expect(parseVerdict(Buffer.from(text))).to.equal(undefined);
    });

  for (const [what, value] of [
    ['no key', { files: {} }],
    ['a key that is no text', { key: 1, files: {} }],
    ['no files', { key: DIGEST }],
    ['files that are a list', { key: DIGEST, files: [] }],
    ['files that are null', { key: DIGEST, files: null }],
    ['a digest that is none', { key: DIGEST, files: { a: 'x' } }],
    ['a digest with more behind it', { key: DIGEST, files: { a: `${DIGEST}\n` } }],
    ['a digest in capitals', { key: DIGEST, files: { a: DIGEST.toUpperCase() } }],
    ['a number for a digest', { key: DIGEST, files: { a: 1 } }],
    ['a file without a name', { key: DIGEST, files: { '': null } }],
    ['a file of the machine', { key: DIGEST, files: { '/etc/passwd': null } }],
    ['a file above the project', { key: DIGEST, files: { '../other/settings.py': null } }],
    ['a file above the project, by a detour', { key: DIGEST, files: { 'src/../../settings.py': null } }],
    ['a name that ends for the system before it ends', { key: DIGEST, files: { 'a\0b': null } }],
  ] as const)
    it(`is none with ${what}`, () => {
      expect(verdictIn(value)).to.equal(undefined);
    });

  it('may be about files with dots in their names', () => {
    const files = { 'src/..hidden/a..py': DIGEST, '.kedro.py': null };
    expect(verdictIn({ key: DIGEST, files })).to.deep.equal({ key: DIGEST, files });
  });
});
