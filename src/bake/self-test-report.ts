import { KdeployError, messageOf } from '../errors.js';
import type { BakedTracking } from '../image/bake-plan.js';

/** What `python -m kdeploy_runtime self-test --json` prints as its last line (templates/runtime, self_test). */
interface SelfTestReport {
  readonly ok: boolean;
  readonly tracking_uri: string | null;
  readonly experiment: string | null;
  readonly steps: readonly SelfTestStep[];
  /** The project's Python files that Kedro read while starting. */
  readonly project_files: readonly string[];
}

interface SelfTestStep {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: { readonly type: string; readonly message: string } | null;
  readonly hint?: string | null;
}

/** Kedro needs about 6 s to start, and many times that where the platform is emulated. */
export const SELF_TEST_MILLISECONDS = 180_000;

/** What the image is expected to do; from the plan, not from the image. */
export type Expectation = Pick<BakedTracking, 'uri' | 'experiment'>;

/** What a self-test printed, line by line. */
export interface SelfTestOutput {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** How a self-test was run, for its errors. */
export interface SelfTestWords {
  /** ` (tested on …)`: where that is another place than the image itself. */
  readonly where: string;
  /** What to do where it printed no report. */
  readonly noReportHint: string;
}

/**
 * Judges what the runtime's self-test printed. Returns the project's Python files that the result rests on (settings.py and
 * what it imports). Throws KdeployError `self-test-failed` when the image would not log where the plan says.
 */
export function judgeSelfTest(
  { stdout, stderr }: SelfTestOutput,
  expected: Expectation,
  { where, noReportHint }: SelfTestWords,
): readonly string[] {
  const report = parseReport(stdout, where);
  if (report === undefined) {
    throw new KdeployError('self-test-failed', `the image could not run its self-test${where}`, {
      output: [...stdout, ...stderr].slice(-20),
      hint: noReportHint,
    });
  }
  const failures = report.steps.filter(isOwnFailure).map(sentence);
  // Where a step failed, what it would have found out is missing as well, and says nothing more.
  const problems = failures.length > 0 ? failures : differences(report, expected);
  if (report.ok && problems.length === 0) return report.project_files;
  const hint = report.steps.find((step) => !step.ok && step.hint)?.hint;
  throw new KdeployError(
    'self-test-failed',
    `the image would not log to MLflow${where}: ${problems.join('; ') || 'its self-test failed'}`,
    {
      hint: hint ?? 'fix what the message reports, then build again; no tag was moved',
    },
  );
}

/** One that took longer than SELF_TEST_MILLISECONDS. */
export function unfinishedSelfTest(cause: unknown, hint: string): KdeployError {
  return new KdeployError(
    'self-test-failed',
    `the self-test did not finish within ${SELF_TEST_MILLISECONDS / 1000} s`,
    { cause, hint },
  );
}

/** Other libraries may print before it, so the report is the last line that reads as one. */
function parseReport(lines: readonly string[], where: string): SelfTestReport | undefined {
  const line = lines.findLast((text) => text.startsWith('{'));
  if (line === undefined) return undefined;
  try {
    const report = JSON.parse(line) as Partial<SelfTestReport>;
    if (typeof report.ok !== 'boolean' || !Array.isArray(report.steps)) return undefined;
    return {
      ok: report.ok,
      steps: report.steps,
      tracking_uri: report.tracking_uri ?? null,
      experiment: report.experiment ?? null,
      project_files: report.project_files ?? [],
    };
  } catch (error) {
    throw new KdeployError(
      'self-test-failed',
      `the image's self-test did not print a valid report${where}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** A step that failed only because an earlier one did explains nothing. */
function isOwnFailure({ ok, error }: SelfTestStep): boolean {
  return !ok && error?.type !== 'NotRun';
}

function sentence({ name, error }: SelfTestStep): string {
  return error ? `${name}: ${error.message}` : `${name} failed`;
}

function differences(report: SelfTestReport, expected: Expectation): string[] {
  const found: string[] = [];
  // Redacted on both sides: the report never contains a password, and a URI with one is not baked.
  if (report.tracking_uri !== expected.uri) {
    found.push(`kedro-mlflow would log to ${report.tracking_uri ?? 'no server'} instead of ${expected.uri}`);
  }
  if (report.experiment !== expected.experiment) {
    found.push(`the experiment would be ${report.experiment ?? 'none'} instead of ${expected.experiment}`);
  }
  return found;
}
