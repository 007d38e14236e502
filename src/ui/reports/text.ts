import { findingsBelow } from '../../finding.js';
import { findingsText } from '../findings-text.js';
import { subjectsOf, type ReportFormat } from './report.js';

/** For people: findings as a compiler prints them, project by project where there are several. */
export const text = {
  name: 'text',
  render(report, { colours }) {
    const subjects = subjectsOf(report);
    const [only, second] = subjects;
    if (only !== undefined && second === undefined) return findingsText(only.findings, { colours });
    return subjects
      .filter(({ findings }) => findings.length > 0)
      .map(({ name, folder, findings }) => {
        const title = folder === '' ? name : `${name} (${folder})`;
        return `${title}\n${findingsText(findingsBelow(folder, findings), { colours })}`;
      })
      .join('\n\n');
  },
} satisfies ReportFormat;
