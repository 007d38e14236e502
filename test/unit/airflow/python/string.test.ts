import { expect } from 'chai';

import { pyComment, pyString, pyText } from '../../../../src/airflow/python/string.js';

describe('a string of Python', () => {
  const cases: [string, string][] = [
    ['plain', '"plain"'],
    ["it's", `"it's"`],
    ['say "hi"', `'say "hi"'`],
    [`"it's"`, `'"it\\'s"'`],
    [`it's "`, `"it's \\""`],
    ['a\\b', String.raw`"a\\b"`],
    ['a\nb\r\tc', String.raw`"a\nb\r\tc"`],
    ['{{ x }} {y} %s', '"{{ x }} {y} %s"'],
    ['漢字 é 😀', '"漢字 é 😀"'],
    ['\u0000\u001b\u007f', String.raw`"\x00\x1b\x7f"`],
    ['a\u202eb\u2028\ufeff\u00a0', String.raw`"a\u202eb\u2028\ufeff\xa0"`],
    ['\ud800', String.raw`"\ud800"`],
    ['\u{e0001}', String.raw`"\U000e0001"`],
    ['', '""'],
  ];
  for (const [text, expected] of cases) {
    it(`is written as ruff writes it, with nothing in it that cannot be seen: ${expected}`, () => {
      expect(pyString(text)).to.equal(expected);
    });
  }

  it('cannot be ended by the text in it, on several lines either', () => {
    expect(pyText('a """ b\nc"')).to.equal('"""\\\na \\"\\"\\" b\nc\\""""');
  });

  it('stays one line in a comment', () => {
    expect(pyComment('a\nimport os\u2028b')).to.equal(String.raw`a\nimport os\u2028b`);
  });
});
