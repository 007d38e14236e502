import type { BakePlan } from '../image/bake-plan.js';
import type { RunConfiguration } from '../image/run-configuration.js';

/** What a baker must know of the image it starts from. */
export interface BakeableImage {
  readonly id: string;
  readonly configuration: RunConfiguration;
  /** Diff IDs, lowest first. */
  readonly layers: readonly string[];
  /** Folders whose content a container keeps to itself. */
  readonly volumes: readonly string[];
}

/** Applies a bake plan to an image. */
export interface Baker {
  /**
   * Makes a new image from `image` as the plan says, under a tag of its own, reads it back, and returns its ID; the given
   * image and every other tag stay as they are. Throws KdeployError `bake-failed` when the image cannot take the plan, or when the new image
   * differs from it, and leaves nothing behind then.
   */
  bake(image: BakeableImage, plan: BakePlan, tag: string): Promise<string>;
}
