import { styleText } from 'node:util';
import type { RulePage } from '../checks/rule-page.js';

/** A check's page for reading on a terminal; in a file or a pipe it stays Markdown, which other tools can make use of. */
export function rulePageText(
  { markdown }: RulePage,
  { isTerminal, colours }: { readonly isTerminal: boolean; readonly colours: boolean },
): string {
  if (!isTerminal) return markdown.trimEnd();
  return plainMarkdown(markdown, (title) => (colours ? styleText('bold', title, { validateStream: false }) : title));
}

/**
 * Markdown without its signs, for where nobody renders it: headings underlined with nothing, code indented, links as their
 * text. Knows what the pages in docs/checks use, no more.
 */
export function plainMarkdown(markdown: string, heading: (text: string) => string = (text) => text): string {
  let isCode = false;
  const lines: string[] = [];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    else if (isCode) lines.push(line === '' ? '' : `    ${line}`);
    else lines.push(plainLine(line, heading));
  }
  return lines.join('\n').trim();
}

function plainLine(line: string, heading: (text: string) => string): string {
  const plain = line
    .replaceAll(/\[([^\]]+)\]\(([^)]*)\)/g, (_link, text: string, target: string) =>
      /^https?:/.test(target) && text !== target ? `${text} (${target})` : text,
    )
    .replaceAll('**', '')
    .replaceAll(/`([^`]+)`/g, '$1');
  const title = /^#+ (.*)$/.exec(plain)?.[1];
  return title === undefined ? plain : heading(title);
}
