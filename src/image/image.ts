import { KdeployError } from '../errors.js';
import type { Blob } from './blob.js';
import { isDigest } from './digest.js';
import type { Document } from './document.js';
import type { Layer } from './layer.js';
import type { ImageConfig, ImageManifest } from './manifest.js';
import { platformOf, type Platform } from './platform.js';

/** One image, as a value: nothing that was read is lost, and nobody changes it. */
export interface Image {
  /** Its digest is the image's. */
  readonly manifest: Document<ImageManifest>;
  readonly config: Document<ImageConfig>;
  readonly platform: Platform;
  /** The base's first. */
  readonly layers: readonly Layer[];
}

/** What a place knows of an image. */
export interface ImageParts {
  readonly manifest: Document<ImageManifest>;
  readonly config: Document<ImageConfig>;
  /** As the manifest lists them. */
  readonly layers: readonly Blob[];
  /** For errors. */
  readonly what: string;
}

/** Throws KdeployError `image-not-found` where manifest and configuration are not of one image. */
export function imageOf({ manifest, config, layers, what }: ImageParts): Image {
  const { diffIds } = config.value.rootfs;
  if (manifest.value.config.digest !== config.digest)
    throw inconsistent(what, 'its manifest names another configuration');
  if (layers.length !== diffIds.length)
    throw inconsistent(what, `its manifest has ${layers.length} layers, its configuration ${diffIds.length}`);
  return {
    manifest,
    config,
    platform: platformOf(config.value.os, config.value.architecture, config.value.variant),
    layers: layers.map((blob, index) => {
      const diffId = diffIds[index] ?? '';
      if (!isDigest(diffId))
        throw inconsistent(what, 'its configuration names a layer by something other than a digest');
      return { ...blob, diffId };
    }),
  };
}

function inconsistent(what: string, why: string): KdeployError {
  return new KdeployError('image-not-found', `${what} is not an image that kdeploy can read: ${why}`);
}
