import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { listOfChecks } from '../../../scripts/write-checks.js';
import { EXPLAINED_IDS } from '../../../src/rule-ids.js';
import { RULES } from '../../../src/checks/rules.js';
import { readDocument, root, section } from './documents.js';

describe('the pages of the checks', () => {
  it('are listed in checks.md (if not: npm run docs)', () => {
    expect(readDocument('docs/checks.md')).to.equal(listOfChecks());
  });

  it('are there for every rule, and for nothing else but the findings that come from no rule', () => {
    const pages = readdirSync(`${root}/docs/checks`).map((file) => file.replace(/\.md$/, ''));
    expect(pages).to.have.members([...EXPLAINED_IDS]);
  });

  for (const { id, group, description } of RULES) {
    it(`say of ${id} what the rule itself says, and in which group it is`, () => {
      const [title, sentence, kind = ''] = readDocument(`docs/checks/${id}.md`).split('\n\n');
      expect([title, sentence?.replaceAll('\n', ' ')]).to.deep.equal([`# \`${id}\``, `${description}.`]);
      expect(kind).to.match(new RegExp(`^Group: ${group}\\. Severity: `));
    });
  }

  for (const id of EXPLAINED_IDS) {
    it(`say of ${id} why, how a finding looks, and how to fix it`, () => {
      const page = readDocument(`docs/checks/${id}.md`);
      expect(section(page, '## Why').trim()).to.match(/\w/);
      expect(section(page, '## How it looks')).to.contain(`[${id}]\n    next: `);
      expect(section(page, '## How to fix it').trim()).to.match(/\w/);
    });
  }
});
