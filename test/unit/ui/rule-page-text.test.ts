import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { explainRule } from '../../../src/checks/explain-rule.js';
import { rulePageText } from '../../../src/ui/rule-page-text.js';

describe('the page of a check', () => {
  it('stays Markdown where it goes to a file or a pipe', async () => {
    const page = await explainRule('kedro-project');
    expect(rulePageText(page, { isTerminal: false, colours: true })).to.equal(page.markdown.trimEnd());
  });

  it('is plain text on a terminal, with its headings marked where there are colours', async () => {
    const page = await explainRule('kedro-project');
    const plain = rulePageText(page, { isTerminal: true, colours: false });
    expect(plain)
      .to.match(/^kedro-project\n\n/)
      .and.to.match(/^Why$/m);
    expect(plain).not.to.match(/```|^#|`/m);
    const coloured = rulePageText(page, { isTerminal: true, colours: true });
    expect(coloured).to.contain('\u001B[1mWhy\u001B[22m');
    expect(stripVTControlCharacters(coloured)).to.equal(plain);
  });
});
