import { styleText } from 'node:util';
import type { RulePage } from '../checks/rule-page.js';
import { plainMarkdown } from './plain-markdown.js';

/** A check's page for reading on a terminal; in a file or a pipe it stays Markdown, which other tools can make use of. */
export function rulePageText(
  { markdown }: RulePage,
  { isTerminal, colours }: { readonly isTerminal: boolean; readonly colours: boolean },
): string {
  if (!isTerminal) return markdown.trimEnd();
  return plainMarkdown(markdown, (title) => (colours ? styleText('bold', title, { validateStream: false }) : title));
}
