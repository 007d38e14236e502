import { localImages } from '../engine/local-images.js';
import type { Structure } from '../graph/structure.js';
import { selectedPlatform } from '../image/platform.js';
import type { ImageReference } from '../image/reference.js';
import type { Step } from '../progress.js';
import { readRemoteImage } from '../registry/remote-image.js';
import type { StateFolder } from '../state-folder.js';
import { deployableImage, type DeployableImage } from './deployable-image.js';
import { pipelinesOf } from './pipelines.js';

export interface DescribedImage extends DeployableImage {
  readonly structure: Structure;
}

export interface DescribeOptions {
  /** `linux/amd64`; `undefined`: linux/amd64. */
  readonly platform: string | undefined;
  readonly state: StateFolder;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** An image in its registry, with its pipelines. Throws what `deployableImage` and `pipelinesOf` throw. */
export async function describedImage(
  asked: ImageReference,
  { platform: name, state, environment, signal }: DescribeOptions,
  step: Pick<Step, 'update'>,
): Promise<DescribedImage> {
  const platform = selectedPlatform(name);
  const image = await deployableImage(
    {
      readRemoteImage: (reference) => readRemoteImage(reference, platform),
      local: async () => (await localImages(signal)).images,
    },
    asked,
  );
  const engine = async () => (await import('./describing-engine.js')).describingEngine(environment, signal);
  return { ...image, structure: await pipelinesOf(image.reference, { state, engine }, step, signal) };
}
