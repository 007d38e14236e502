import { readFile } from 'node:fs/promises';
import { parseLocations, type Locations } from '../image/locations.js';
import type { EngineContainers } from '../places/engine/containers.js';
import { statusOf } from '../places/engine/images.js';
import { uniqueName } from '../places/engine/intermediate.js';
import { runInImage } from '../places/engine/run-in-image.js';
import { templatePath } from '../template-files.js';

/** A Python without packages starts in a tenth of a second, and in many times that where the platform is emulated. */
const TIMEOUT_MILLISECONDS = 60_000;

/**
 * Where in an image these paths really are, where its own Python, and that of its `kedro`, look for packages and .pth
 * files, and what the folders on the way are like. The image is asked, for that depends on its distribution and its
 * virtual environment. `undefined` for an image without Python, which the self-test refuses in its own words.
 */
export async function readLocations(
  containers: EngineContainers,
  image: string,
  paths: readonly string[],
): Promise<Locations | undefined> {
  const source = await readFile(templatePath('runtime/kdeploy_runtime/self_test/site_packages.py'), 'utf8');
  const options = {
    image,
    name: uniqueName('locations'),
    entrypoint: ['python'],
    command: ['-I', '-c', source, source, ...paths],
    network: 'none',
  };
  const limit = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  try {
    const { exitCode, stdout } = await runInImage(containers, options, limit);
    return exitCode === 0 ? parseLocations(stdout.at(-1)) : undefined;
  } catch (error) {
    // An answer, though a refusal: the image has no such command, or cannot execute it.
    const isRefused = error instanceof Error && statusOf(error.cause) !== undefined;
    if (isRefused || limit.aborted) return undefined;
    throw error;
  }
}
