import type { CheckReport } from '../../checks/check.js';
import { bySeverity, publicFinding, type Finding, type PublicFinding } from '../../finding.js';
import type { ReadRulePage } from '../../checks/rule-page.js';
import { redactAddresses } from '../../secrets/address.js';
import { IMAGE_HAS_NO_CREDENTIALS } from '../../scan/image-secrets.js';

/**
 * What the checks found, in one project or in several, or in an image that is already built. This is also what `--json` prints
 * (schema/check-report.schema.json): keys are only ever added, else `version` is raised.
 */
export interface Report {
  readonly version: 1;
  /** Which kdeploy made it. */
  readonly kdeploy: string;
  readonly projects: readonly ProjectReport[];
  /** With --image, and only then. */
  readonly images?: readonly ImageReport[];
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

export interface ImageReport {
  /** As it was asked for. */
  readonly name: string;
  /** The checks that ran. */
  readonly rules: readonly string[];
  readonly findings: readonly PublicFinding[];
}

/** What findings can be about: to most formats a project is one among several such things. */
export interface Subject extends ImageReport {
  /** See ProjectReport; empty for an image, whose findings have no place in a repository. */
  readonly folder: string;
}

export function subjectsOf({ projects, images = [] }: Report): readonly Subject[] {
  return [...projects, ...images.map((image) => ({ ...image, folder: '' }))];
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
        : { uri: tracking.uri === undefined ? null : redactAddresses(tracking.uri), experiment: tracking.experiment },
    rules,
    off,
    findings: findings.map(publicFinding),
  };
}

export function imageReport(name: string, findings: readonly Finding[]): ImageReport {
  return { name, rules: [IMAGE_HAS_NO_CREDENTIALS], findings: bySeverity(findings).map(publicFinding) };
}
