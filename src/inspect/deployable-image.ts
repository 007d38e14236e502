import type { EngineImages } from '../places/engine/images.js';
import { KdeployError } from '../errors.js';
import { OCI_LABELS, readBakedLabels, type BakedLabels } from '../image/labels.js';
import type { ImageReference, PinnedReference } from '../image/reference.js';
import type { RemoteImage } from '../places/registry/remote-image.js';

/** A baked image as the registry has it: what a cluster would pull, and what it would be told by it. */
export interface DeployableImage {
  /** With the digest under which it can be pulled: the index's, where it is one. */
  readonly reference: PinnedReference;
  readonly baked: BakedLabels;
  readonly revision: string | null;
  readonly source: string | null;
  /** `NAME=value`. */
  readonly env: readonly string[];
}

export interface DeployableParts {
  readonly readRemoteImage: (reference: ImageReference) => Promise<RemoteImage>;
  /** To tell an image that was never pushed from one that does not exist. */
  readonly local: () => Promise<Pick<EngineImages, 'find'> | undefined>;
}

/**
 * Reads an image from its registry. Throws KdeployError: `image-not-found`, with what to do for one that was built and
 * not pushed; `image-unusable` for one that kdeploy did not bake; and what the registry's client throws.
 */
export async function deployableImage(parts: DeployableParts, reference: ImageReference): Promise<DeployableImage> {
  const name = reference.toFamiliarString();
  const { digest, image } = await parts.readRemoteImage(reference).catch(async (error: unknown) => {
    if (!(error instanceof KdeployError) || error.code !== 'image-not-found') throw error;
    if (reference.digest !== undefined || (await (await parts.local())?.find(name)) === undefined) throw error;
    throw new KdeployError('image-not-found', `the image ${name} is on this machine, but not in its registry`, {
      cause: error,
      hint: 'push it first: `kdeploy push`',
    });
  });
  const { labels, env } = image.config.value.run;
  const baked = readBakedLabels(labels);
  if (baked === undefined) {
    throw new KdeployError('image-unusable', `the image ${name} was not built by kdeploy`, {
      hint: 'build and push it with `kdeploy build --push`: its tasks would not be tracked under one run otherwise',
    });
  }
  return {
    reference: reference.withDigest(digest),
    baked,
    revision: labels[OCI_LABELS.revision] ?? null,
    source: labels[OCI_LABELS.source] ?? null,
    env,
  };
}
