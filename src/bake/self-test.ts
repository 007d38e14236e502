import type { EngineContainers } from '../places/engine/containers.js';
import { engineReason, statusOf } from '../places/engine/images.js';
import { uniqueName } from '../places/engine/intermediate.js';
import { KdeployError } from '../errors.js';
import { RUNTIME_ENTRYPOINT } from '../image/bake-plan.js';
import { runInImage } from '../places/engine/run-in-image.js';
import {
  judgeSelfTest,
  SELF_TEST_MILLISECONDS,
  unfinishedSelfTest,
  type Expectation,
  type SelfTestOutput,
} from './self-test-report.js';

const NO_PYTHON_HINT = 'the image needs `python` with the project installed: check the Dockerfile';

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
    const printed = await this.run(imageId, signal);
    return judgeSelfTest(printed, expected, { where: '', noReportHint: NO_PYTHON_HINT });
  }

  private async run(imageId: string, signal: AbortSignal): Promise<SelfTestOutput> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SELF_TEST_MILLISECONDS)]);
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
      throw unfinishedSelfTest(
        error,
        'find out what keeps the project from starting: `docker run --rm -it IMAGE kedro info`',
      );
    };
    return runInImage(this.containers, options, limit, { toStart: refusedByImage, toEnd });
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
