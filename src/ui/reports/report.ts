import type { CheckReport } from '../../checks/check.js';
import { publicFinding, type PublicFinding } from '../../checks/finding.js';
import type { ReadRulePage } from '../../checks/rule-page.js';
import { redactUri } from '../../project/tracking-uri.js';

/**
 * What the checks found, in one project or in several. This is also what `--json` prints
 * (schema/check-report.schema.json): keys are only ever added, else `version` is raised.
 */
export interface Report {
  readonly version: 1;
  /** Which kdeploy made it. */
  readonly kdeploy: string;
  readonly projects: readonly ProjectReport[];
}

export interface ProjectReport {
  readonly name: string;
  /** Where the project lies in its git repository: `services/churn`; empty at the root. */
  readonly folder: string;
  readonly env: string;
  /** Where the image would log; `null` without tracking. `uri` is `null` when nothing names one. */
  readonly tracking: { readonly uri: string | null; readonly experiment: string } | null;
  /** The checks that ran. */
  readonly rules: readonly string[];
  /** Those that kdeploy.yml switches off. */
  readonly off: readonly string[];
  /** Places are relative to the project. */
  readonly findings: readonly PublicFinding[];
}

/** What a format may need beside the report. */
export interface ReportSurroundings {
  readonly readPage: ReadRulePage;
  readonly colours: boolean;
}

/** A way to print a report: one file each in this folder, listed in formats.ts. */
export interface ReportFormat {
  readonly name: string;
  /** What goes to stdout, without the last line break; empty for nothing. */
  render(report: Report, surroundings: ReportSurroundings): string | Promise<string>;
}

export interface ProjectReportInput {
  readonly name: string;
  readonly folder: string;
  readonly env: string;
  readonly checked: Pick<CheckReport, 'findings' | 'rules' | 'off' | 'tracking'>;
}

export function projectReport({ name, folder, env, checked }: ProjectReportInput): ProjectReport {
  const { findings, rules, off, tracking } = checked;
  return {
    name,
    folder,
    env,
    tracking:
      tracking === undefined
        ? null
        : { uri: tracking.uri === undefined ? null : redactUri(tracking.uri), experiment: tracking.experiment },
    rules,
    off,
    findings: findings.map(publicFinding),
  };
}
