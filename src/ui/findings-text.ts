import { styleText } from 'node:util';
import type { PublicFinding, Severity } from '../finding.js';
import { placeText, visible } from './visible.js';

export interface FindingsTextOptions {
  readonly colours?: boolean;
}

type Style = Parameters<typeof styleText>[0];

const COLOUR: Readonly<Record<Severity, Style>> = { error: 'red', warning: 'yellow', info: 'cyan' };

/** Findings as a compiler prints them: place, severity, rule, sentence; below it what to do. */
export function findingsText(
  findings: readonly PublicFinding[],
  { colours = false }: FindingsTextOptions = {},
): string {
  const paint = (style: Style, text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  return findings
    .map(({ rule, severity, message, remedy, place }) => {
      const where = place === undefined ? '' : `${paint('bold', visible(placeText(place)))}: `;
      const head = `${where}${paint(COLOUR[severity], severity)}: ${visible(message)} ${paint('dim', `[${rule}]`)}`;
      return `${head}\n    next: ${visible(remedy)}`;
    })
    .join('\n');
}

/** `2 errors, 1 warning`; `no problems, 1 note` when there are none. */
export function summaryText(findings: readonly PublicFinding[]): string {
  const count = (severity: Severity, singular: string): string[] => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${singular}${number === 1 ? '' : 's'}`];
  };
  const problems = [...count('error', 'error'), ...count('warning', 'warning')];
  return [...(problems.length === 0 ? ['no problems'] : problems), ...count('info', 'note')].join(', ');
}
