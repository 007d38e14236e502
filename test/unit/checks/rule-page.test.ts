import { expect } from 'chai';
import { parseRulePage, readRulePage } from '../../../src/checks/rule-page.js';
import { CONFIGURABLE_IDS } from '../../../src/rule-ids.js';

const PAGE = `# \`a-rule\`

All is as
it should be.

Group: tracking. Severity: error; warning where it
may be meant.

## Why

Because.

## How it looks

\`\`\`console
x
\`\`\`

## How to fix it

Fix it.

### In CI

There too.
`;

describe('the page of a rule', () => {
  it('is read in its parts', () => {
    expect(parseRulePage('a-rule', PAGE)).to.deep.equal({
      id: 'a-rule',
      description: 'All is as it should be.',
      group: 'tracking',
      severity: 'error; warning where it may be meant.',
      why: 'Because.',
      example: '```console\nx\n```',
      remedy: 'Fix it.\n\n### In CI\n\nThere too.',
      markdown: PAGE,
    });
  });

  it('is the same with the line ends of Windows', () => {
    expect(parseRulePage('a-rule', PAGE.replaceAll('\n', '\r\n'))).to.deep.equal(parseRulePage('a-rule', PAGE));
  });

  it('is empty in the parts that are missing', () => {
    expect(parseRulePage('a-rule', '# x')).to.include({ description: '', group: '', severity: '', why: '' });
  });

  for (const id of CONFIGURABLE_IDS) {
    it(`of ${id} has all of them`, async () => {
      const page = await readRulePage(id);
      for (const [part, text] of Object.entries(page ?? { missing: '' })) expect(text, part).to.match(/\w/);
    });
  }

  it('is nothing where there is none', async () => {
    expect(await readRulePage('no-such-rule')).to.equal(undefined);
  });
});
