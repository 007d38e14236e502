import { selectedPlatform } from '../image/platform.js';
import { selectImage } from '../image/select-image.js';
import type { ImageSource } from '../image/source.js';
import type { EngineImage, EngineImages } from '../places/engine/images.js';
import { loadImage } from '../places/engine/load-image.js';

/**
 * Has the engine know an image for as long as it is used: one that waits for its push, or is in a file. Throws what
 * `selectImage` and `loadImage` throw.
 */
export async function withLoadedImage<Result>(
  images: Pick<EngineImages, 'find' | 'load' | 'remove'>,
  source: ImageSource,
  use: (image: EngineImage) => Promise<Result>,
): Promise<Result> {
  const { image } = await selectImage(source, selectedPlatform(undefined));
  // What it was baked from may be on the engine.
  const added = image.layers.filter(({ from, descriptor }) => from === undefined || isLocal(descriptor.size));
  return loadImage(images, { image, added }, use);
}

/** What costs less to send than to ask for. */
function isLocal(size: number): boolean {
  return size <= 1024 * 1024;
}
