import { expect } from 'chai';
import { redactText } from '../../../src/secrets/redaction.js';
import { CASES } from './redaction-cases.js';

describe('what another program says', () => {
  for (const [text, shown] of CASES.words) {
    it(`is shown as ${shown} where it says ${JSON.stringify(text)}`, () => {
      expect(redactText(text)).to.equal(shown);
    });
  }

  it('is shown without any known secret, the longer ones hidden first', () => {
    expect(redactText('hunter2-long and hunter2', ['hunter2', 'hunter2-long', ''])).to.equal('*** and ***');
  });

  it('is one line, with one space between words', () => {
    expect(redactText('a\r\n\tb  c d')).to.equal('a b c d');
  });

  it('is shown at a readable length', () => {
    expect(redactText('word '.repeat(1000))).to.have.length(301);
  });
});
