import { harmlessJson } from '../harmless.js';
import type { ReportFormat } from './report.js';

/** The report as it is. */
export const json = {
  name: 'json',
  render: (report) => harmlessJson(report),
} satisfies ReportFormat;
