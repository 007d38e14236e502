import type { ImageReference } from '../../image/reference.js';
import type { Platform } from '../../image/platform.js';
import { selectImage, type SelectedImage } from '../../image/select-image.js';
import { RegistryClient, type RegistryClientOptions } from './client.js';
import { RegistrySource } from './registry-source.js';

/** An image in a registry: all that can be known of it without its layers. */
export interface RemoteImage extends SelectedImage {
  readonly reference: ImageReference;
}

/**
 * Reads an image's manifest and configuration; where the reference names an index, those for the platform. Throws
 * what `selectImage` and RegistryClient throw.
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
  return { reference, ...(await selectImage(new RegistrySource(client, reference), platform)) };
}
