import { stat } from 'node:fs/promises';
import { moveTags } from '../builders/move-tags.js';
import { KdeployError } from '../errors.js';
import { formatImageAddress, type ImageAddress } from '../image/address.js';
import { writeTree } from '../image/write-tree.js';
import type { ImageOnEngine, LocatedImage } from '../locate/locate-image.js';
import type { WaitingImages } from '../locate/waiting-images.js';
import type { EngineImages } from '../places/engine/images.js';
import type { ExportedImage } from '../places/engine/exported-image.js';
import { loadImage } from '../places/engine/load-image.js';
import { unlessMissing } from '../places/layout/folder-files.js';
import { LayoutSink } from '../places/layout/layout-sink.js';
import type { Target } from '../promote/publish-tree.js';
import type { BakedImage } from './bake-image.js';

/** Where a result is, and by which names it is found there. */
export interface PlacedResult {
  readonly place: 'engine' | 'waiting' | 'layout';
  readonly names: readonly string[];
}

export interface PlaceParts {
  readonly address: ImageAddress;
  readonly located: LocatedImage;
  readonly waiting: Pick<WaitingImages, 'keep'>;
  /** Names in a registry; none for a layout whose image has no name. */
  readonly targets: readonly Target[];
  readonly tags: readonly string[];
}

/**
 * For a result that is to stay where the image is. Throws KdeployError `usage` for a file, which is only read: before anything
 * is done that is of no use then.
 */
export async function requireWritable(address: ImageAddress): Promise<void> {
  if (!('path' in address)) return;
  const entry = await unlessMissing(stat(address.path));
  if (address.place === 'layout' && entry?.isFile() !== true) return;
  throw new KdeployError('usage', `${formatImageAddress(address)} is a file, which kdeploy only reads`, {
    hint: 'push the result with --push, or write it elsewhere: --output oci:FOLDER, --output oci-archive:FILE',
  });
}

/**
 * Puts a result where the image came from: into its layout; one from a registry waits on this machine for a push. Throws what
 * the place throws.
 */
export async function placeResult(baked: BakedImage, parts: PlaceParts): Promise<PlacedResult> {
  const { address, located, waiting, targets, tags } = parts;
  const names = targets.map((target) => target.toFamiliarString());
  if (located.place === 'layout' && 'path' in address) {
    await writeTree(baked.after, new LayoutSink(address.path), tags);
    return { place: 'layout', names: tags.map((tag) => `oci:${address.path}:${tag}`) };
  }
  if (located.place === 'registry' || located.place === 'waiting') {
    const { source, before } = baked;
    const from = baked.from ?? source.repository?.withDigest(before.document.digest);
    if (from === undefined) throw new Error(`${source.name} is in no repository`);
    await waiting.keep(baked.after, targets, from);
    return { place: 'waiting', names };
  }
  throw new Error(`${baked.source.name} cannot be written to`);
}

/** Loads a result into the engine that has the image, and moves the tags to it. Returns its ID. */
export async function placeOnEngine(
  { platforms }: BakedImage,
  exported: ExportedImage,
  { images, image }: Pick<ImageOnEngine, 'image'> & { readonly images: EngineImages },
  targets: readonly Target[],
): Promise<string> {
  const [only, ...others] = platforms;
  if (only === undefined || others.length > 0) throw new Error('an engine gives one image');
  const move = async (id: string): Promise<string> => {
    await moveTags(
      images,
      id,
      targets.map((target) => ({ repository: target.withoutTag().toFamiliarString(), tag: target.tag })),
    );
    return id;
  };
  if (only.after.config.digest === only.before.config.digest) return move(image.id);
  const known = new Set(only.before.layers.map(({ diffId }) => diffId));
  const added = only.after.layers.filter(({ diffId }) => !known.has(diffId));
  return loadImage(images, { image: only.after, added, exported }, ({ id }) => move(id));
}
