import type { ImageReference } from '../image/reference.js';
import type { Step } from '../progress.js';

/** Puts an image under a tag in a registry. */
export interface Publisher {
  /**
   * Pushes the image that has this name and tag, and returns the digest under which the registry has it
   * (`sha256:…`), read back from the registry. Throws KdeployError `push-failed`, or `interrupted` on abort.
   */
  publish(reference: ImageReference, step: Step, signal: AbortSignal): Promise<string>;
}
