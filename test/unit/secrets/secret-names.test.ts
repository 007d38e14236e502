import { expect } from 'chai';
import * as lists from '../../../src/secrets/secret-names.js';
import { CASES } from './redaction-cases.js';

describe('the names of secrets', () => {
  it('are the same in both languages', () => {
    const { SECRET_PARTS, SECRET_WORDS, HARMLESS_ENDINGS, HARMLESS_KEYS } = lists;
    expect({ SECRET_PARTS, SECRET_WORDS, HARMLESS_ENDINGS, HARMLESS_KEYS }).to.deep.equal(CASES.lists);
  });

  for (const name of CASES.names.secret) it(`include ${name}`, () => expect(lists.isSecretName(name)).to.equal(true));
  for (const name of CASES.names.harmless)
    it(`do not include ${JSON.stringify(name)}`, () => expect(lists.isSecretName(name)).to.equal(false));
});
