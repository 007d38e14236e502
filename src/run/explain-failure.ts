import { TRACKING_EXIT_CODE } from '../image/baked-environment.js';
import type { EngineContainers } from '../places/engine/containers.js';
import { RUNTIME_ENTRYPOINT } from '../image/bake-plan.js';
import { readBakedLabels } from '../image/labels.js';
import { silent, type Progress } from '../progress.js';
import { runImage, type RunOutput, type RunRequest } from './run-image.js';

/**
 * Lets a baked image explain why its run may have failed: its self-test, with the same variables and network as the run,
 * and one call to the MLflow server. Only after a run of the pipeline, or where tracking was what failed; what else
 * goes wrong in a command of the user's own has nothing to do with it.
 */
export async function explainFailure(
  containers: EngineContainers,
  request: RunRequest,
  exitCode: number,
  output: RunOutput,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const isPipeline = request.command.length === 0 || request.command[0] === 'kedro';
  const isTracked = readBakedLabels(request.image.configuration.labels)?.trackingUri !== undefined;
  if (!isTracked || !(isPipeline || exitCode === TRACKING_EXIT_CODE)) return;
  progress.note('self-test of the image (self-test --online):');
  await runImage(
    containers,
    { ...request, entrypoint: RUNTIME_ENTRYPOINT, command: ['self-test', '--online'], dataFolder: undefined },
    { stdout: output.stderr, stderr: output.stderr },
    silent,
    signal,
  );
}
