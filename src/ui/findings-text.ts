import type { Finding, Severity } from '../checks/finding.js';
import { placeText } from './place-text.js';

/** Findings as a compiler prints them: place, severity, rule, sentence; below it what to do. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(findingText).join('\n');
}

function findingText({ rule, severity, message, remedy, place }: Finding): string {
  const where = place === undefined ? '' : `${placeText(place)}: `;
  return `${where}${severity}: ${message} [${rule}]\n    next: ${remedy}`;
}

/** `2 errors, 1 warning`; `no problems, 1 note` when there are none. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (severity: Severity, singular: string): string[] => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${singular}${number === 1 ? '' : 's'}`];
  };
  const problems = [...count('error', 'error'), ...count('warning', 'warning')];
  return [...(problems.length === 0 ? ['no problems'] : problems), ...count('info', 'note')].join(', ');
}

/** GitHub's workflow commands, which annotate the lines of a pull request (docs.github.com, "Workflow commands"). */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings
    .map(({ rule, severity, message, remedy, place }) => {
      const properties = [
        ...(place === undefined ? [] : [`file=${escapeProperty(place.file)}`]),
        ...(place?.line === undefined ? [] : [`line=${place.line}`]),
        `title=${escapeProperty(`kdeploy: ${rule}`)}`,
      ];
      const command = severity === 'info' ? 'notice' : severity;
      return `::${command} ${properties.join(',')}::${escapeData(`${message}. Next: ${remedy}`)}`;
    })
    .join('\n');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
