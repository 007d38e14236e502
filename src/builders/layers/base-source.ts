import { KdeployError, messageOf } from '../../errors.js';
import { parseImageAddress } from '../../image/address.js';
import type { Image } from '../../image/image.js';
import { formatPlatform, type Platform } from '../../image/platform.js';
import type { ImageReference, PinnedReference } from '../../image/reference.js';
import { selectImage } from '../../image/select-image.js';
import type { ImageSource } from '../../image/source.js';
import { imageSource, type LocateParts } from '../../locate/locate-image.js';

/** The image that the project's is built on. */
export interface BaseImage {
  readonly image: Image;
  /** Where its layers are read from; `undefined`: in no registry. */
  readonly from: PinnedReference | undefined;
}

/**
 * Reads manifest and configuration of the base image: from its registry, for there its layers are what everybody has; else what
 * this machine has under the name, be it an image that waits for a push or one of the engine. Throws KdeployError `image-not-found`
 * and what reading throws.
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
    if (!(error instanceof KdeployError) || error.code === 'interrupted') throw error;
    if (address.place === 'registry') throw unreadable(name, error);
    const here = await onThisMachine(reference, parts).catch((other: unknown) => {
      // An engine that is there and does not answer: the base may be in either place, and one of the two has to give it.
      if (!(other instanceof KdeployError) || other.code === 'interrupted') throw other;
      throw unreadable(name, error, `; nor from the engine: ${other.message}`);
    });
    if (here === undefined) throw unreadable(name, error);
    note(
      `the base image ${name} is taken from ${here.place}, for its registry does not give it: ${messageOf(error)}; its layers may have other digests there`,
    );
    return read(here.source, undefined, platform);
  }
}

async function onThisMachine(
  reference: ImageReference,
  { waiting, local }: LocateParts,
): Promise<{ readonly place: string; readonly source: ImageSource } | undefined> {
  const baked = await waiting(reference);
  if (baked !== undefined) return { place: 'the images that wait for `kdeploy push`', source: baked };
  const { images } = await local();
  const image = await images?.find(reference.toFamiliarString());
  if (images === undefined || image === undefined) return undefined;
  return { place: 'the engine', source: imageSource({ place: 'engine', reference, image, images }) };
}

async function read(
  source: ImageSource,
  reference: ImageReference | undefined,
  platform: Platform,
): Promise<BaseImage> {
  const { image } = await selectImage(source, platform);
  // A name that stands for a single image has it for whatever platform it was made.
  const { os, architecture } = image.platform;
  if (os !== platform.os || architecture !== platform.architecture)
    throw new KdeployError(
      'image-not-found',
      `${source.name} is for ${formatPlatform(image.platform)}, not for ${formatPlatform(platform)}`,
      {
        hint: 'name a base image for that platform, or choose the platform: image.platform in kdeploy.yml, or --platform',
      },
    );
  return { image, from: reference?.withoutTag().withDigest(image.manifest.digest) };
}

function unreadable(name: string, error: KdeployError, also = ''): KdeployError {
  return new KdeployError(error.code, `the base image ${name} cannot be read: ${error.message}${also}`, {
    cause: error.cause,
    hint: error.hint ?? 'name another base image: image.base in kdeploy.yml, or --base-image',
  });
}
