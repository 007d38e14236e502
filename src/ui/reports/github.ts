import { findingsBelow, type PublicFinding } from '../../finding.js';
import { redact } from '../../secrets/redaction.js';
import { visible } from '../visible.js';
import { subjectsOf, type ReportFormat } from './report.js';

/**
 * GitHub's workflow commands, which annotate the lines of a pull request (docs.github.com, "Workflow commands"). Files are
 * seen from the repository's root, which a project need not be.
 */
export const github = {
  name: 'github',
  render: (report) =>
    subjectsOf(report)
      .flatMap(({ folder, findings }) => findingsBelow(folder, findings))
      .map(annotation)
      .join('\n'),
} satisfies ReportFormat;

function annotation({ rule, severity, message, remedy, place }: PublicFinding): string {
  const properties = [
    ...(place === undefined ? [] : [`file=${escapeProperty(place.file)}`]),
    ...(place?.line === undefined ? [] : [`line=${place.line}`]),
    `title=${escapeProperty(`kdeploy: ${rule}`)}`,
  ];
  const command = severity === 'info' ? 'notice' : severity;
  return visible(`::${command} ${properties.join(',')}::${escapeData(redact(`${message}. Next: ${remedy}`))}`);
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
