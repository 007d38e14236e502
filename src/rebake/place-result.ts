import { moveTags } from '../builders/move-tags.js';
import { KdeployError } from '../errors.js';
import type { ImageAddress } from '../image/address.js';
import { writeTree } from '../image/write-tree.js';
import type { ImageOnEngine, LocatedImage } from '../locate/locate-image.js';
import type { WaitingImages } from '../locate/waiting-images.js';
import type { EngineImages } from '../places/engine/images.js';
import type { ExportedImage } from '../places/engine/exported-image.js';
import { loadImage } from '../places/engine/load-image.js';
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
 * Puts a result where the image came from: on the engine, into its layout; one from a registry waits on this machine for a
 * push. Throws KdeployError `usage` for a place that is only read, and what the place throws.
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
  throw new KdeployError('usage', `${baked.source.name} cannot be written to`, {
    hint: 'push the result with --push, or write it into a folder: --output oci:FOLDER',
  });
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
