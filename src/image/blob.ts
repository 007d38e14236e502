import type { Document } from './document.js';
import type { Descriptor } from './manifest.js';
import type { ImageReference } from './reference.js';

/** Bytes that a manifest names: a layer, a configuration, or whatever else an artifact consists of. */
export interface Blob {
  readonly descriptor: Descriptor;
  /** A repository that has it: others of the same registry may mount it from there, and nothing travels. */
  readonly from?: ImageReference;
  /**
   * Its bytes, as its place has them, as often as they are asked for. Where they are not those that the descriptor names,
   * reading ends with a KdeployError.
   */
  open(): AsyncIterable<Uint8Array>;
}

/** A document that is a blob: an image's configuration. */
export function blobOf({ bytes, digest, mediaType }: Omit<Document<unknown>, 'value'>): Blob {
  return {
    descriptor: { mediaType, digest, size: bytes.length },
    open: async function* () {
      yield await Promise.resolve(bytes);
    },
  };
}
