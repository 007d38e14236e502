import type { EngineContainers } from '../places/engine/containers.js';
import { engineReason, statusOf } from '../places/engine/images.js';
import { uniqueName } from '../places/engine/intermediate.js';
import { KdeployError, messageOf } from '../errors.js';
import { RUNTIME_ENTRYPOINT, type BakedTracking } from '../image/bake-plan.js';
import { runInImage } from '../places/engine/run-in-image.js';

/** Kedro needs about 6 s to start, and many times that where the platform is emulated. */
const TIMEOUT_MILLISECONDS = 180_000;

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

const NO_PYTHON_HINT = 'the image needs `python` with the project installed: check the Dockerfile';

/** What the image is expected to do; from the plan, not from the image. */
export type Expectation = Pick<BakedTracking, 'uri' | 'experiment'>;

/** Starts the image once and has it report whether it would track, and where. */
export interface SelfTester {
  /**
   * Returns the project's Python files that the result rests on (settings.py and what it imports). Throws KdeployError
   * `self-test-failed` when the image would not log where the plan says, `interrupted` on abort.
   */
  test(imageId: string, expected: Expectation, signal: AbortSignal): Promise<readonly string[]>;
}

/** The self-test on the Docker Engine: the image's own user and folder, no network, so that nothing is logged anywhere. */
export class EngineSelfTester implements SelfTester {
  constructor(private readonly containers: EngineContainers) {}

  async test(imageId: string, expected: Expectation, signal: AbortSignal): Promise<readonly string[]> {
    const { report, output } = await this.run(imageId, signal);
    if (report === undefined) {
      throw new KdeployError('self-test-failed', 'the image could not run its self-test', {
        output: output.slice(-20),
        hint: NO_PYTHON_HINT,
      });
    }
    const failures = report.steps.filter(isOwnFailure).map(sentence);
    // Where a step failed, what it would have found out is missing as well, and says nothing more.
    const problems = failures.length > 0 ? failures : differences(report, expected);
    if (report.ok && problems.length === 0) return report.project_files;
    const hint = report.steps.find((step) => !step.ok && step.hint)?.hint;
    throw new KdeployError(
      'self-test-failed',
      `the image would not log to MLflow: ${problems.join('; ') || 'its self-test failed'}`,
      {
        hint: hint ?? 'fix what the message reports, then build again; no tag was moved',
      },
    );
  }

  private async run(
    imageId: string,
    signal: AbortSignal,
  ): Promise<{ report: SelfTestReport | undefined; output: string[] }> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
    const options = {
      image: imageId,
      name: uniqueName('self-test'),
      entrypoint: RUNTIME_ENTRYPOINT,
      command: ['self-test', '--json'],
      network: 'none',
    };
    const toEnd = (error: unknown): never => {
      if (signal.aborted) throw new KdeployError('interrupted', 'interrupted', { cause: error });
      if (!limit.aborted) throw error;
      throw new KdeployError(
        'self-test-failed',
        `the self-test did not finish within ${TIMEOUT_MILLISECONDS / 1000} s`,
        {
          cause: error,
          hint: 'find out what keeps the project from starting: `docker run --rm -it IMAGE kedro info`',
        },
      );
    };
    const { stdout, stderr } = await runInImage(this.containers, options, limit, { toStart: refusedByImage, toEnd });
    return { report: parseReport(stdout), output: [...stdout, ...stderr] };
  }
}

/** The engine answers 400 for a command that the image does not have or cannot execute; that is not the engine's failure. */
function refusedByImage(error: unknown): never {
  if (!(error instanceof Error) || statusOf(error.cause) !== 400) throw error;
  throw new KdeployError('self-test-failed', 'the image could not run its self-test', {
    cause: new Error(engineReason(error.cause), { cause: error }),
    hint: NO_PYTHON_HINT,
  });
}

/** Other libraries may print before it, so the report is the last line that reads as one. */
function parseReport(lines: readonly string[]): SelfTestReport | undefined {
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
      `the image's self-test did not print a valid report: ${messageOf(error)}`,
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
