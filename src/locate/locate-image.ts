import { KdeployError } from '../errors.js';
import { formatImageAddress, type FileAddress, type ImageAddress } from '../image/address.js';
import type { ImageReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import { ExportedImage } from '../places/engine/exported-image.js';
import type { EngineImage, EngineImages } from '../places/engine/images.js';
import { foundNowhere, type LocalImages } from '../places/engine/local-images.js';

/** An image, where it was found. */
export type LocatedImage = ImageOnEngine | ImageElsewhere;

export interface ImageOnEngine {
  readonly place: 'engine';
  /** As the user wrote it: what the engine knows it by. */
  readonly reference: ImageReference;
  readonly image: EngineImage;
  readonly images: LookedInto;
}

export interface ImageElsewhere {
  /** `waiting`: baked from a registry, and not pushed yet. */
  readonly place: 'registry' | 'waiting' | 'layout' | 'archive';
  readonly source: ImageSource;
  /** `undefined` for an image in a file. */
  readonly reference: ImageReference | undefined;
}

/** What looks into an engine's images. */
export type LookedInto = Pick<EngineImages, 'find' | 'history' | 'export'>;

export interface LocateParts {
  readonly local: () => Promise<Pick<LocalImages, 'unreachable'> & { readonly images: LookedInto | undefined }>;
  readonly waiting: (reference: ImageReference) => Promise<ImageSource | undefined>;
  readonly registry: (reference: ImageReference) => ImageSource;
  readonly file: (address: FileAddress) => Promise<ImageSource>;
}

/**
 * Finds an image the way all commands do: where its address says, or else among those that wait for a push, on the engine if
 * it answers and has the image, and in the registry. Throws KdeployError `image-not-found` naming the places where it is
 * not, `engine-unreachable` where the engine could not be asked, and what the registry and files throw.
 */
export async function locateImage(
  address: ImageAddress,
  { local, waiting, registry, file }: LocateParts,
): Promise<LocatedImage> {
  if ('path' in address)
    return { place: address.place, source: await opened(await file(address)), reference: undefined };
  const { place, reference } = address;
  if (place === 'registry') return { place, source: await opened(registry(reference)), reference };
  const baked = await waiting(reference);
  if (baked !== undefined) return { place: 'waiting', source: baked, reference };
  const engine = await local();
  const { images } = engine;
  const image = await images?.find(reference.toFamiliarString());
  if (images !== undefined && image !== undefined) return { place: 'engine', reference, image, images };
  try {
    return { place: 'registry', source: await opened(registry(reference)), reference };
  } catch (error) {
    if (!(error instanceof KdeployError) || error.code === 'interrupted') throw error;
    throw foundNowhere(formatImageAddress(address), engine, error);
  }
}

/** Where it can be read as a value: an engine has to export it for that. */
export function imageSource(located: LocatedImage): ImageSource {
  if (located.place !== 'engine') return located.source;
  const { images, image, reference } = located;
  return new ExportedImage(images, image.id, reference.toFamiliarString());
}

/** A source says only when it is read that it has no such image. */
async function opened(source: ImageSource): Promise<ImageSource> {
  await source.root();
  return source;
}
