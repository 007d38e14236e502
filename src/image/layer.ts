import type { Blob } from './blob.js';
import type { Digest } from './digest.js';

/** A layer of an image, wherever its bytes are. */
export interface Layer extends Blob {
  /** Of its bytes before they were compressed: what engines know it by. */
  readonly diffId: Digest;
}
