import type { Place } from './place.js';

/** error: the image would not log where it should; warning: it may not; info: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule found. The message says what is wrong, the remedy what to do; neither ever contains a secret's value. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  readonly place?: Place;
  /** The safe fix that `kdeploy check --fix` applies; not part of any report. */
  readonly fix?: Fix;
}

/**
 * A safe fix for a finding, described as data. Only what is safe in every
 * project is a fix; `kdeploy check --fix` works it out (src/fix/), shows it as a diff, and asks.
 * Files are relative to the project, with forward slashes.
 */
export type Fix =
  /** A line at the end of a requirements file. */
  | { readonly kind: 'add-requirement'; readonly file: string; readonly requirement: string }
  /** Takes kdeploy out of a requirements file of the image, and puts it into one for developers. */
  | { readonly kind: 'move-requirement'; readonly file: string; readonly to: string }
  /** Leaves one file out of the build context, by a line at the end of the file that says what is left out. */
  | { readonly kind: 'leave-out-of-image'; readonly ignoreFile: string; readonly path: string }
  /** The MLflow server that the user named, where mlflow.yml has none. */
  | { readonly kind: 'set-tracking-uri'; readonly file: string; readonly trackingUri: string }
  /** kedro-mlflow's own template, as `kedro mlflow init` writes it. */
  | { readonly kind: 'write-mlflow-config'; readonly file: string };

/** A finding as it is shown to other programs. */
export interface PublicFinding extends Omit<Finding, 'fix'> {
  /** Whether `kdeploy check --fix` knows what to do. */
  readonly fixable?: true;
}

/** The fix itself is internal to the rules and `--fix`, and may change with each version. */
export function publicFinding({ rule, severity, message, remedy, place, fix }: Finding): PublicFinding {
  return {
    rule,
    severity,
    message,
    remedy,
    ...(place === undefined ? {} : { place }),
    ...(fix === undefined ? {} : { fixable: true }),
  };
}

/**
 * The same findings with their places seen from a folder further up, such as the repository's root:
 * `('services/churn', …)` turns `requirements.txt:3` into `services/churn/requirements.txt:3`.
 */
export function findingsBelow<F extends PublicFinding>(folder: string, findings: readonly F[]): readonly F[] {
  if (folder === '') return findings;
  return findings.map((finding) =>
    finding.place === undefined
      ? finding
      : { ...finding, place: { ...finding.place, file: `${folder}/${finding.place.file}` } },
  );
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Errors first, then warnings, then infos; equals stay in their order. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}
