import { expect } from 'chai';
import { plainMarkdown } from '../../../src/ui/plain-markdown.js';

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
