import { KdeployError, messageOf } from '../../errors.js';
import { parseImageAddress } from '../../image/address.js';
import type { Image } from '../../image/image.js';
import type { Platform } from '../../image/platform.js';
import type { ImageReference, PinnedReference } from '../../image/reference.js';
import { selectImage } from '../../image/select-image.js';
import type { ImageSource } from '../../image/source.js';
import { imageSource, locateImage, type LocateParts } from '../../locate/locate-image.js';

/** The image that the project's is built on. */
export interface BaseImage {
  readonly image: Image;
  /** Where its layers are read from; `undefined`: in no registry. */
  readonly from: PinnedReference | undefined;
}

/**
 * Reads manifest and configuration of the base image: from its registry, for there its layers are what everybody has; else from the
 * engine, where there is one and it has the image. Throws KdeployError `image-not-found` and what reading throws.
 */
export async function findBase(
  name: string,
  platform: Platform,
  parts: LocateParts,
  note: (text: string) => void,
): Promise<BaseImage> {
  const address = parseImageAddress(name);
  if ('path' in address) return read(await parts.file(address), undefined, platform);
  const { reference } = address;
  try {
    return await read(parts.registry(reference), reference, platform);
  } catch (error) {
    if (!(error instanceof KdeployError) || error.code === 'interrupted' || address.place === 'registry') throw error;
    const { images } = await parts.local();
    if ((await images?.find(reference.toFamiliarString())) === undefined) throw withHint(error, name);
    note(
      `the base image ${name} is taken from the engine, for its registry does not give it: ${messageOf(error)}; its layers have other digests there`,
    );
    return read(imageSource(await locateImage(address, parts)), undefined, platform);
  }
}

async function read(
  source: ImageSource,
  reference: ImageReference | undefined,
  platform: Platform,
): Promise<BaseImage> {
  const { image } = await selectImage(source, platform);
  return { image, from: reference?.withoutTag().withDigest(image.manifest.digest) };
}

function withHint(error: KdeployError, name: string): KdeployError {
  return new KdeployError(error.code, `the base image ${name} cannot be read: ${error.message}`, {
    cause: error.cause,
    hint: error.hint ?? 'name another base image: image.base in kdeploy.yml, or --base-image',
  });
}
