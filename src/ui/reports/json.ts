import type { ReportFormat } from './report.js';

/** The report as it is. */
export const json = {
  name: 'json',
  render: (report) => JSON.stringify(report, undefined, 2),
} satisfies ReportFormat;
