import { KdeployError } from '../errors.js';
import type { Finding } from '../finding.js';
import type { Image } from '../image/image.js';
import { isPlatform } from '../image/manifest.js';
import type { ImageReference } from '../image/reference.js';
import type { ImageSink } from '../image/sink.js';
import type { ImageSource } from '../image/source.js';
import { imageIn, readTree, type ManifestTree } from '../image/tree.js';
import type { Progress } from '../progress.js';
import type { PushedImage } from '../publish/push-images.js';
import { refuseSecrets, refuseUntracked, type Allowances } from '../publish/refusals.js';
import { writeTree, type WriteProgress, type WrittenTree } from '../image/write-tree.js';

export interface PromoteParts {
  readonly source: ImageSource;
  readonly sink: ImageSink;
  /** What is known to be in an image that nobody should read. */
  readonly secretsIn: (image: Image) => Promise<readonly Finding[]>;
}

/**
 * Copies an image by its digest to another repository or registry: all platforms of it, with what describes them. What
 * would be refused on a push is refused here, before anything is sent. Throws KdeployError `push-refused`, and what source
 * and sink throw.
 */
export async function promoteImage(
  { source, sink, secretsIn }: PromoteParts,
  target: ImageReference & { readonly tag: string },
  allowances: Allowances,
  progress: Progress,
): Promise<PushedImage> {
  const tree = await readTree(source);
  const images = await imagesIn(tree, source.name);
  if (images.length === 0 && !allowances.allowUnbaked)
    throw new KdeployError('push-refused', `${source.name} has no image, so it would not log to MLflow`, {
      hint: 'name an image that `kdeploy build` made; to copy it anyway: `--allow-unbaked`',
    });
  for (const image of images) {
    refuseUntracked(image.config.value.run.labels, target, allowances, progress);
    refuseSecrets(await secretsIn(image), target, allowances, progress);
  }
  const tag = target.toFamiliarString();
  const { digest } = tree.document;
  await progress.step(`copy ${source.name} to ${tag}`, async (step) => {
    const written = await writeTree(tree, sink, [target.tag], (at) => step.update(progressText(at)));
    step.result(`${digest}, ${writtenText(written)}`);
  });
  return { tag, digest, reference: target.withDigest(digest).toFamiliarString() };
}

/** Those that can be run: attestations and other artifacts are copied with them, and say nothing of tracking. */
async function imagesIn(tree: ManifestTree, what: string): Promise<Image[]> {
  if (tree.document.value.kind === 'image') return [await imageIn(tree, what)];
  const found = await Promise.all(
    tree.children.map(async ({ entry, tree: child }) => {
      const { value } = child.document;
      return value.kind === 'index' || isPlatform(entry, value.manifest) ? imagesIn(child, what) : [];
    }),
  );
  return found.flat();
}

function progressText({ blobsDone, blobs, bytes, totalBytes }: WriteProgress): string {
  return `${blobsDone} of ${blobs} blobs, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
}

function writtenText({ blobs: { present, mounted, sent }, bytes }: WrittenTree): string {
  const parts = [
    ...(sent > 0 ? [`${sent} sent (${megabytes(bytes)} MB)`] : []),
    ...(mounted > 0 ? [`${mounted} mounted`] : []),
    ...(present > 0 ? [`${present} already there`] : []),
  ];
  return `blobs: ${parts.join(', ')}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
