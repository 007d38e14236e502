import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { explainRule } from '../../../src/checks/explain-rule.js';
import { plainMarkdown, rulePageText } from '../../../src/ui/rule-page-text.js';

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

describe('Markdown without its signs', () => {
  const cases: readonly [what: string, markdown: string, plain: string][] = [
    ['headings', '# `a`\n\n## Why', 'a\n\nWhy'],
    ['code', 'say `kedro mlflow init`', 'say kedro mlflow init'],
    ['blocks of code', '```console\n$ a `b` [c](d)\n\nx\n```', '$ a `b` [c](d)\n\n    x'],
    ['links to other pages', 'see [the guide](../guide.md#x)', 'see the guide'],
    ['links to servers', 'see [pip](https://pip.pypa.io)', 'see pip (https://pip.pypa.io)'],
    ['strong words', 'an **error** is', 'an error is'],
    ['lists, which stay', '- a\n- b', '- a\n- b'],
  ];
  for (const [what, markdown, plain] of cases) {
    it(`is plain text: ${what}`, () => {
      expect(plainMarkdown(markdown)).to.equal(plain);
    });
  }

  it('lets the caller mark headings', () => {
    expect(plainMarkdown('## Why\n\n## no', (text) => `<${text}>`)).to.equal('<Why>\n\n<no>');
  });
});
