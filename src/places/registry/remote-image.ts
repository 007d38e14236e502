import { KdeployError } from '../../errors.js';
import type { Digest } from '../../image/digest.js';
import type { Image } from '../../image/image.js';
import { platformsOf, selectPlatform } from '../../image/manifest.js';
import { formatPlatform, type Platform } from '../../image/platform.js';
import type { ImageReference } from '../../image/reference.js';
import { imageIn } from '../../image/tree.js';
import { RegistryClient, type RegistryClientOptions } from './client.js';
import { RegistrySource } from './registry-source.js';

/** An image in a registry: all that can be known of it without its layers. */
export interface RemoteImage {
  readonly reference: ImageReference;
  /** Of what the reference names: the index's, where it names one. This is what `name@digest` should say. */
  readonly digest: Digest;
  /** The one that was chosen; for a reference that names a single image not necessarily of the platform that was asked for. */
  readonly image: Image;
}

/** Indexes may list indexes; more than this many levels is a loop or a joke. */
const MAXIMUM_DEPTH = 3;

/**
 * Reads an image's manifest and configuration; where the reference names an index, those for the platform. Throws
 * KdeployError: `image-not-found` for no image or none for the platform, and what RegistryClient throws.
 */
export async function readRemoteImage(
  reference: ImageReference,
  platform: Platform,
  options: RegistryClient | RegistryClientOptions = {},
): Promise<RemoteImage> {
  const client =
    options instanceof RegistryClient
      ? options
      : new RegistryClient(reference.registry, { name: reference.name, ...options });
  const source = new RegistrySource(client, reference);
  const asked = await source.root();
  let current = asked;
  for (let depth = 0; depth < MAXIMUM_DEPTH; depth++) {
    const { value } = current;
    if (value.kind === 'image') return { reference, digest: asked.digest, image: await imageIn(source, current) };
    const entry = selectPlatform(value.index, platform);
    if (entry === undefined) {
      const others = platformsOf(value.index).map(formatPlatform);
      throw new KdeployError('image-not-found', `${source.name} has no image for ${formatPlatform(platform)}`, {
        hint: others.length === 0 ? 'its index lists no images' : `it has ${others.join(', ')}; choose with --platform`,
      });
    }
    current = await source.manifest(entry);
  }
  throw new KdeployError('image-not-found', `${source.name} nests image indexes too deeply`);
}
