import type { ReportFormat } from './report.js';
import { text } from './text.js';

/** How to get each format: only the one that is asked for is loaded, since a check should not wait for the others. */
const FORMATS = {
  text: () => Promise.resolve(text),
  json: async () => (await import('./json.js')).json,
  github: async () => (await import('./github.js')).github,
  sarif: async () => (await import('./sarif.js')).sarif,
} satisfies Record<string, () => Promise<ReportFormat>>;

export type ReportFormatName = keyof typeof FORMATS;

/** What `--format` may name; the first is the default. */
export const REPORT_FORMATS = Object.keys(FORMATS) as readonly ReportFormatName[];

export function reportFormat(name: ReportFormatName): Promise<ReportFormat> {
  return FORMATS[name]();
}
