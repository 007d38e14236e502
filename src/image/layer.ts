import type { Digest } from './digest.js';
import type { Descriptor } from './manifest.js';

/** A layer of an image, wherever its bytes are. */
export interface Layer {
  readonly descriptor: Descriptor;
  /** Of its bytes before they were compressed: what engines know it by. */
  readonly diffId: Digest;
  /**
   * Its bytes, as its place has them, as often as they are asked for. Where they are not those that the descriptor names,
   * reading ends with a KdeployError.
   */
  open(): AsyncIterable<Uint8Array>;
}
