import type { Descriptor } from './manifest.js';

/** A layer of an image, wherever its bytes are. */
export interface Layer {
  readonly descriptor: Descriptor;
  /**
   * Its bytes, as its place has them, as often as they are asked for. Where they are not those that the descriptor names,
   * reading ends with a KdeployError.
   */
  open(): AsyncIterable<Uint8Array>;
}
