import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export function readDocument(file: string): string {
  return readFileSync(`${root}/${file}`, 'utf8');
}

/** The part below a heading, up to the next one of the same or a higher level: `## Exit codes`. */
export function section(document: string, heading: string): string {
  const lines = withoutCode(document).split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const level = heading.indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return document
    .split('\n')
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join('\n');
}

/** The cells of every row of the tables in a text, heads and rules left out. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** What stands between backticks. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
}

/** With fenced blocks emptied, so that a `#` in a console is no heading; the lines keep their numbers. */
export function withoutCode(document: string): string {
  let inside = false;
  return document
    .split('\n')
    .map((line) => {
      if (!/^\s*```/.test(line)) return inside ? '' : line;
      inside = !inside;
      return '';
    })
    .join('\n');
}

/** The names that links can lead to, as GitHub makes them of headings. */
export function anchors(document: string): string[] {
  return [...withoutCode(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function isRule(line: string): boolean {
  return /^\|(?:\s*:?-+:?\s*\|)+$/.test(line);
}
