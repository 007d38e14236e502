import { expect } from 'chai';
import { RULES } from '../../../src/checks/rules.js';
import { readDocument, section } from './documents.js';

const page = readDocument('docs/checks.md');

describe('the page of the checks', () => {
  it('has a section for every rule and for no other, in the order of the findings', () => {
    const sections = [...page.matchAll(/^## `([^`]+)`$/gm)].map(([, id]) => id);
    expect(sections).to.deep.equal(RULES.map(({ id }) => id));
  });

  for (const { id, group, description } of RULES) {
    it(`says of ${id} what the rule itself says, in which group it is, and how a finding looks`, () => {
      const text = section(page, `## \`${id}\``);
      const words = text.replaceAll(/\s+/g, ' ').trim();
      expect(words).to.match(new RegExp(`^${escaped(description)}\\. Group: ${group}\\. Severity: `));
      expect(text).to.contain(`[${id}]`).and.to.contain('    next: ');
    });
  }
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
