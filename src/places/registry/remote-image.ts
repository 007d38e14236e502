import { KdeployError } from '../../errors.js';
import type { Digest } from '../../image/digest.js';
import { imageOf, type Image } from '../../image/image.js';
import { platformsOf, selectPlatform, type Descriptor } from '../../image/manifest.js';
import { parseManifest } from '../../image/manifest-json.js';
import { formatPlatform, type Platform } from '../../image/platform.js';
import type { ImageReference } from '../../image/reference.js';
import { RegistryClient, type RegistryClientOptions } from './client.js';

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
  source: RegistryClient | RegistryClientOptions = {},
): Promise<RemoteImage> {
  const client =
    source instanceof RegistryClient
      ? source
      : new RegistryClient(reference.registry, { name: reference.name, ...source });
  const what = reference.toFamiliarString();
  const asked = await client.getManifest(reference);
  let current = asked;
  for (let depth = 0; depth < MAXIMUM_DEPTH; depth++) {
    const parsed = parseManifest(current.bytes, current.mediaType, what);
    if (parsed.kind === 'image') {
      const { bytes, digest } = current;
      const manifest = { bytes, digest, mediaType: parsed.manifest.mediaType, value: parsed.manifest };
      const config = await client.getConfig(reference, manifest.value.config);
      const open = (layer: Descriptor) => client.readBlob(reference, layer);
      return { reference, digest: asked.digest, image: imageOf({ manifest, config, open, what }) };
    }
    const entry = selectPlatform(parsed.index, platform);
    if (entry === undefined) {
      const others = platformsOf(parsed.index).map(formatPlatform);
      throw new KdeployError('image-not-found', `${what} has no image for ${formatPlatform(platform)}`, {
        hint: others.length === 0 ? 'its index lists no images' : `it has ${others.join(', ')}; choose with --platform`,
      });
    }
    current = await client.getManifest(reference.withDigest(entry.digest));
  }
  throw new KdeployError('image-not-found', `${what} nests image indexes too deeply`);
}
