import type { Image } from '../image/image.js';
import { layerSteps } from '../image/layer-steps.js';
import { formatPlatform } from '../image/platform.js';
import { describeConfiguration, madeBy, type ImageDescription } from './image-description.js';

/** What only the place of an image knows of it. */
export interface FoundImage extends Pick<ImageDescription, 'reference' | 'digest' | 'referrers'> {
  readonly foundIn: Exclude<ImageDescription['foundIn'], 'engine'>;
}

/** An image as `kdeploy inspect` shows it, by its manifest and its configuration alone. */
export function describeImage({ platform, layers, config }: Image, found: FoundImage): ImageDescription {
  const { created, run, history } = config.value;
  const steps = layerSteps(history, layers.length);
  const { reference, foundIn, digest: whole, referrers } = found;
  return {
    reference,
    foundIn,
    id: null,
    digest: whole,
    platform: formatPlatform(platform),
    created: created ?? null,
    ...describeConfiguration(run),
    layers: layers.map(({ descriptor: { digest, size } }, index) => ({ digest, size, madeBy: madeBy(steps?.[index]) })),
    size: layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    referrers,
  };
}
