import type { EngineImages, ImageHistoryEntry } from '../places/engine/images.js';
import { foundNowhere } from '../places/engine/local-images.js';
import { KdeployError } from '../errors.js';
import type { ImageReference } from '../image/reference.js';
import type { RemoteImage } from '../places/registry/remote-image.js';
import { describeImage } from './describe-image.js';
import { describeConfiguration, madeBy, type ImageDescription, type LayerDescription } from './image-description.js';

export interface InspectParts {
  /** `undefined` where there is no engine; the registry is asked then. */
  readonly images: Pick<EngineImages, 'find' | 'history'> | undefined;
  /** Why there is none. */
  readonly unreachable?: KdeployError;
  readonly readRemoteImage: (reference: ImageReference) => Promise<RemoteImage>;
}

/** Where to look: `anywhere` is the engine first, then the registry. */
export type InspectPlace = 'anywhere' | 'registry';

/** Throws KdeployError `image-not-found` when neither has it, naming both; `engine-unreachable` where the engine was not asked. */
export async function inspectImage(
  parts: InspectParts,
  reference: ImageReference,
  place: InspectPlace,
): Promise<ImageDescription> {
  const local = place === 'registry' ? undefined : await describeLocal(parts.images, reference);
  if (local !== undefined) return local;
  try {
    const { digest, image } = await parts.readRemoteImage(reference);
    return describeImage(image, {
      reference: reference.toFamiliarString(),
      foundIn: 'registry',
      digest: reference.withDigest(digest).toFamiliarString(),
    });
  } catch (error) {
    if (place === 'registry' || !(error instanceof KdeployError)) throw error;
    throw foundNowhere(reference.toFamiliarString(), parts, error);
  }
}

async function describeLocal(
  images: InspectParts['images'],
  reference: ImageReference,
): Promise<ImageDescription | undefined> {
  const name = reference.toFamiliarString();
  const image = await images?.find(name);
  if (images === undefined || image === undefined) return undefined;
  const steps = (await images.history(image.id)).filter(({ size }) => size > 0);
  return {
    reference: name,
    foundIn: 'engine',
    id: image.id,
    digest:
      image.repoDigests.find((digest) => digest.startsWith(`${reference.withoutTag().toFamiliarString()}@`)) ?? null,
    platform: image.platform,
    created: image.created,
    ...describeConfiguration(image.configuration),
    layers: layersWithSteps(image.layers, steps.toReversed()),
    size: image.size,
  };
}

/** The history has sizes but no digests, and omits empty layers; only equal counts can be put side by side. */
function layersWithSteps(digests: readonly string[], steps: readonly ImageHistoryEntry[]): LayerDescription[] {
  const known = digests.length === steps.length ? steps : [];
  return digests.map((digest, index) => ({ digest, size: known[index]?.size ?? null, madeBy: madeBy(known[index]) }));
}
