import type { Layer } from '../../image/layer.js';
import { MEDIA_TYPES, type Descriptor } from '../../image/manifest.js';
import type { Platform } from '../../image/platform.js';
import { selectImage } from '../../image/select-image.js';
import type { ImageSource } from '../../image/source.js';
import { unlessUnreadable } from '../../image/unless-unreadable.js';
import { LAYERS_LABEL, parseRecorded, type RecipeWheel } from './layer-recipe.js';

/** What an image that is in the registry spares the next build. */
export interface EarlierLayers {
  /** By the key of their recipe. */
  readonly layers: ReadonlyMap<string, Layer>;
  /** What is known of wheels that need not be read for it, by their SHA-256. */
  readonly wheels: ReadonlyMap<string, RecipeWheel>;
}

export const NO_EARLIER_LAYERS: EarlierLayers = { layers: new Map(), wheels: new Map() };

/**
 * Reads the recipes of the first of these images that exists: a label says which wheels each layer has. A claim counts only
 * where layer, digest, size and diff ID are all those that it was made for; a layer that was compressed anew on its way
 * (containers/image#1888) is another one. An image whose packages are elsewhere, or for another Python, has none of them. No blob
 * is read. An image that cannot be read spares nothing, and stops nothing:
 * the push says what is wrong with the registry.
 */
export async function earlierLayers(
  sources: Iterable<ImageSource>,
  platform: Platform,
  sitePackages: string,
): Promise<EarlierLayers> {
  for (const source of sources) {
    const found = await unlessUnreadable(readRecipes(source, platform, sitePackages));
    if (found !== undefined && found.layers.size > 0) return found;
  }
  return NO_EARLIER_LAYERS;
}

async function readRecipes(source: ImageSource, platform: Platform, sitePackages: string): Promise<EarlierLayers> {
  const { image } = await selectImage(source, platform);
  const byDigest = new Map(image.layers.map((layer) => [layer.descriptor.digest, layer]));
  const layers = new Map<string, Layer>();
  const wheels = new Map<string, RecipeWheel>();
  for (const recorded of parseRecorded(image.config.value.run.labels[LAYERS_LABEL], sitePackages)) {
    // Of each wheel, also where its layer was changed on the way: which one another wheel gave way to is known only from all of them.
    for (const wheel of recorded.wheels) wheels.set(wheel.sha256, wheel);
    const layer = byDigest.get(recorded.digest);
    if (layer?.descriptor.size !== recorded.size || layer.diffId !== recorded.diffId) continue;
    layers.set(recorded.key, { ...layer, descriptor: asPacked(layer.descriptor) });
  }
  return { layers, wheels };
}

/** An engine, and a copy in Docker's schema, give the same bytes another type, by which the image would get another digest. */
function asPacked({ digest, size }: Descriptor): Descriptor {
  return { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size };
}
