import { localImages } from '../places/engine/local-images.js';
import type { Structure } from '../graph/structure.js';
import { selectedPlatform } from '../image/platform.js';
import type { ImageReference, PinnedReference } from '../image/reference.js';
import type { Step } from '../progress.js';
import { readRemoteImage } from '../places/registry/remote-image.js';
import type { StateFolder } from '../state-folder.js';
import { deployableImage, type DeployableImage } from './deployable-image.js';
import { keptStructure, pipelinesOf } from './pipelines.js';

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
  const structure = await pipelinesOf(image.reference, { state, engine }, step, signal);
  const { baked, revision, source, env } = image;
  await state.write(KIND, image.reference.digest, { baked, revision, source, env });
  return { ...image, structure };
}

const KIND = 'described-image';

/** What this machine was told of an image, without asking anybody; `undefined`: nothing. */
export async function keptDescription(
  state: Pick<StateFolder, 'read'>,
  reference: PinnedReference,
): Promise<DescribedImage | undefined> {
  const [structure, note] = await Promise.all([
    keptStructure(state, reference.digest),
    state.read(KIND, reference.digest),
  ]);
  if (structure === undefined || typeof note !== 'object' || note === null || !('baked' in note)) return undefined;
  return { ...(note as Omit<DescribedImage, 'reference' | 'structure'>), reference, structure };
}
