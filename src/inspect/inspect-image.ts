import type { EngineImages } from '../places/engine/images.js';
import { foundNowhere } from '../places/engine/local-images.js';
import { KdeployError } from '../errors.js';
import type { ImageReference } from '../image/reference.js';
import type { RemoteImage } from '../places/registry/remote-image.js';
import { describeConfiguration, type ImageDescription, type LayerDescription } from './image-description.js';

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
    return describeRemote(await parts.readRemoteImage(reference));
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
  const sizes = (await images.history(image.id)).filter(({ size }) => size > 0).map(({ size }) => size);
  return {
    reference: name,
    foundIn: 'engine',
    id: image.id,
    digest:
      image.repoDigests.find((digest) => digest.startsWith(`${reference.withoutTag().toFamiliarString()}@`)) ?? null,
    platform: image.platform,
    created: image.created,
    ...describeConfiguration(image.configuration),
    layers: layersWithSizes(image.layers, sizes.toReversed()),
    size: image.size,
  };
}

/** The history has sizes but no digests, and omits empty layers; only equal counts can be put side by side. */
function layersWithSizes(digests: readonly string[], sizes: readonly number[]): LayerDescription[] {
  const known = digests.length === sizes.length;
  return digests.map((digest, index) => ({ digest, size: known ? (sizes[index] ?? null) : null }));
}

function describeRemote({ reference, digest: whole, image }: RemoteImage): ImageDescription {
  const { platform, layers } = image;
  const config = image.config.value;
  return {
    reference: reference.toFamiliarString(),
    foundIn: 'registry',
    id: null,
    digest: reference.withDigest(whole).toFamiliarString(),
    platform: [platform.os, platform.architecture, platform.variant].filter((part) => part !== undefined).join('/'),
    created: config.created ?? null,
    ...describeConfiguration(config.run),
    layers: layers.map(({ descriptor: { digest, size } }) => ({ digest, size })),
    size: layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
  };
}
