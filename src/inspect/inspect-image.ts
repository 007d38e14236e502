import type { ImageHistoryEntry } from '../places/engine/images.js';
import type { Platform } from '../image/platform.js';
import { selectImage } from '../image/select-image.js';
import type { ImageElsewhere, ImageOnEngine, LocatedImage } from '../locate/locate-image.js';
import { describeImage } from './describe-image.js';
import { describeConfiguration, madeBy, type ImageDescription, type LayerDescription } from './image-description.js';
import { referrersOf } from './referrers-of.js';

/** Of an index, it is the platform's image. Throws what `selectImage` and the engine throw. */
export async function inspectImage(located: LocatedImage, platform: Platform): Promise<ImageDescription> {
  return located.place === 'engine' ? describeLocal(located) : describeElsewhere(located, platform);
}

async function describeElsewhere(
  { place, source, reference }: ImageElsewhere,
  platform: Platform,
): Promise<ImageDescription> {
  const { digest, image } = await selectImage(source, platform);
  return describeImage(image, {
    reference: source.name,
    foundIn: place,
    digest: place === 'registry' && reference !== undefined ? reference.withDigest(digest).toFamiliarString() : digest,
    referrers: await referrersOf(source, [digest, image.manifest.digest]),
  });
}

async function describeLocal({ images, image, reference }: ImageOnEngine): Promise<ImageDescription> {
  return {
    reference: reference.toFamiliarString(),
    foundIn: 'engine',
    id: image.id,
    digest:
      image.repoDigests.find((digest) => digest.startsWith(`${reference.withoutTag().toFamiliarString()}@`)) ?? null,
    platform: image.platform,
    created: image.created,
    ...describeConfiguration(image.configuration),
    layers: layersWithSteps(image.layers, await images.history(image.id)),
    size: image.size,
    referrers: null,
  };
}

/**
 * The layers with what the engine's history, newest first, tells of them. It has sizes but no digests, and omits empty layers;
 * only equal counts can be put side by side.
 */
export function layersWithSteps(digests: readonly string[], history: readonly ImageHistoryEntry[]): LayerDescription[] {
  const steps = history.filter(({ size }) => size > 0).toReversed();
  const known = digests.length === steps.length ? steps : [];
  return digests.map((digest, index) => ({ digest, size: known[index]?.size ?? null, madeBy: madeBy(known[index]) }));
}
