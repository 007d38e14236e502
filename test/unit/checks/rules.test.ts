import { expect } from 'chai';
import { RULE_IDS } from '../../../src/rule-ids.js';
import { RULES } from '../../../src/checks/rules.js';

describe('the rules', () => {
  it('are the ones that kdeploy.yml can name, in the same order', () => {
    expect(RULES.map(({ id }) => id)).to.deep.equal(RULE_IDS);
  });
});
