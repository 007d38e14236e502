import { rebakeImage, type RebakeInput } from '../bake/rebake-image.js';
import { rebakeTree } from '../bake/rebake-tree.js';
import type { Image } from '../image/image.js';
import { formatPlatform } from '../image/platform.js';
import type { ImageReference, PinnedReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import { readTree, type ManifestTree } from '../image/tree.js';

/** An image before a bake and after it. */
export interface BakedImage {
  readonly source: ImageSource;
  readonly before: ManifestTree;
  readonly after: ManifestTree;
  /** What it was baked from, where that is in a registry. */
  readonly from: PinnedReference | undefined;
  /** Each platform's. */
  readonly platforms: readonly BakedPlatform[];
}

export interface BakedPlatform {
  /** `linux/amd64`. */
  readonly platform: string;
  readonly before: Image;
  readonly after: Image;
}

export interface BakeImageInput extends Omit<RebakeInput, 'from' | 'imageName'> {
  /** What the result will be called, where that is known: it depends on the commit that the image records. */
  readonly imageName: (image: Image) => string | undefined;
  /** The repository that the image is in. */
  readonly origin: ImageReference | undefined;
}

/**
 * Reads an image, all its platforms, and bakes each of them; nothing is written. Throws what `readTree` and `rebakeImage`
 * throw.
 */
export async function bakeImage(
  source: ImageSource,
  { imageName, origin, ...input }: BakeImageInput,
  note: (text: string) => void,
): Promise<BakedImage> {
  const before = await readTree(source);
  const from = origin?.withDigest(before.document.digest);
  const platforms: BakedPlatform[] = [];
  const rebake = async (image: Image, what: string): Promise<Image> => {
    const after = await rebakeImage(image, { ...input, imageName: imageName(image), from }, what);
    platforms.push({ platform: formatPlatform(image.platform), before: image, after });
    return after;
  };
  return { source, before, after: await rebakeTree(before, { source, rebake, note }), from, platforms };
}
