import { KdeployError } from '../errors.js';
import type { Digest } from './digest.js';
import type { Image } from './image.js';
import { platformsOf, selectPlatform } from './manifest.js';
import { formatPlatform, type Platform } from './platform.js';
import type { ImageSource } from './source.js';
import { imageIn, leafOf, MAXIMUM_DEPTH } from './tree.js';

/** One image out of what a source has under its name. */
export interface SelectedImage {
  /** Of what the name stands for: the index's, where it is one. This is what `name@digest` should say. */
  readonly digest: Digest;
  /** For a name that stands for a single image not necessarily of the platform that was asked for. */
  readonly image: Image;
}

/**
 * Reads an image's manifest and configuration; where the name stands for an index, those for the platform. Throws
 * KdeployError `image-not-found` for no image or none for the platform, and what the source throws.
 */
export async function selectImage(source: ImageSource, platform: Platform): Promise<SelectedImage> {
  const asked = await source.root();
  let current = asked;
  for (let indexes = 0; ; indexes++) {
    const { value } = current;
    if (value.kind === 'image') {
      const image = await imageIn(leafOf(source, current, value.manifest), source.name);
      return { digest: asked.digest, image };
    }
    // As many as `readTree` goes down: what can be copied and baked can be looked at.
    if (indexes === MAXIMUM_DEPTH)
      throw new KdeployError('image-not-found', `${source.name} nests image indexes too deeply`);
    const entry = selectPlatform(value.index, platform);
    if (entry === undefined) {
      const others = platformsOf(value.index).map(formatPlatform);
      throw new KdeployError('image-not-found', `${source.name} has no image for ${formatPlatform(platform)}`, {
        hint: others.length === 0 ? 'its index lists no images' : `it has ${others.join(', ')}; choose with --platform`,
      });
    }
    current = await source.manifest(entry);
  }
}
