import { posix } from 'node:path';
import type { ProjectSource } from '../sources/source.js';
import { isBareImage } from './bare-image.js';
import type { PlacedStep } from './stage.js';

/** An installed requirements file: `file` is its path in the project. */
interface Includer {
  readonly file: string;
  readonly step: PlacedStep;
  readonly source: ProjectSource;
}

/**
 * Where in the image pip would look for `included`, a file of the project, when it is certain that nothing is there;
 * else `undefined`. pip looks beside the including file, so the two must be copied the way they lie in the project.
 */
export async function missingInclude(included: string, { file, step, source }: Includer): Promise<string | undefined> {
  // An image of one's own may bring the file along.
  if (step.seen === undefined) return undefined;
  const { path: installed, image } = step.seen;
  if (image.baseImage === undefined || !isBareImage(image.baseImage)) return undefined;
  const path = posix.join(posix.dirname(installed), posix.relative(posix.dirname(file), included));
  if (image.isUnclear(path)) return undefined;
  for (const origin of image.origins(path)) {
    if (origin.kind === 'made' || origin.path === included || (await exists(source, origin.path))) return undefined;
  }
  return path;
}

async function exists(source: ProjectSource, file: string): Promise<boolean> {
  try {
    return (await source.read(file)) !== undefined;
  } catch {
    // Too large, or a link out of the project: something is there.
    return true;
  }
}
