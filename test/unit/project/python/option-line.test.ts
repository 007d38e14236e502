import { expect } from 'chai';
import { splitLine } from '../../../../src/project/python/option-line.js';

describe('a line of a requirements file, taken apart', () => {
  for (const [line, requirement, options] of [
    ['a==1 --hash=sha256:aa --hash sha256:bb', 'a==1', [['--hash', ['sha256:aa', 'sha256:bb']]]],
    [
      '-i https://a --extra-index-url=https://b --pre',
      '',
      [
        ['--index-url', ['https://a']],
        ['--extra-index-url', ['https://b']],
        ['--pre', ['']],
      ],
    ],
    ['-e "./my lib"', '', [['--editable', ['./my lib']]]],
    ['a-b>=1', 'a-b>=1', []],
  ] as const) {
    it(`is ${line}`, () => {
      const split = splitLine(line);
      expect(typeof split === 'string' ? split : [split.requirement, [...split.options]]).to.deep.equal([
        requirement,
        options,
      ]);
    });
  }

  it('is a sentence where pip cannot read it', () => {
    expect(splitLine('--no-such-option')).to.be.a('string');
  });
});
