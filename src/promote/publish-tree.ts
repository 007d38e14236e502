import { KdeployError } from '../errors.js';
import type { Finding } from '../finding.js';
import type { Image } from '../image/image.js';
import { isPlatform } from '../image/manifest.js';
import type { ImageReference } from '../image/reference.js';
import type { ImageSink } from '../image/sink.js';
import { imageIn, type ManifestTree } from '../image/tree.js';
import { writeTree, type WriteProgress, type WrittenTree } from '../image/write-tree.js';
import type { Progress } from '../progress.js';
import type { PushedImage } from '../publish/push-images.js';
import { refuseSecrets, refuseUntracked, type Allowances } from '../publish/refusals.js';

export interface PublishParts {
  /** Of the repository that all the targets are in. */
  readonly sink: ImageSink;
  /** What is known to be in an image that nobody should read. */
  readonly secretsIn: (image: Image) => Promise<readonly Finding[]>;
  /** Brings along what belongs to the image, when all but the tags is there; the text says what it was. */
  readonly bringAlong?: () => Promise<string | undefined>;
  /** Awaited when all but the manifests is there; what it throws keeps the image from being found. */
  readonly beforeManifests?: () => Promise<unknown>;
}

export type Target = ImageReference & { readonly tag: string };

/**
 * Puts an image into a repository of a registry: all platforms of it, with what describes them. What would be refused on
 * a push is refused here, before anything is sent; the tags come last. `what` names the image as it is. Throws KdeployError
 * `push-refused`, and what source and sink throw.
 */
export async function publishTree(
  tree: ManifestTree,
  what: string,
  { sink, secretsIn, bringAlong, beforeManifests }: PublishParts,
  targets: readonly [Target, ...Target[]],
  allowances: Allowances,
  progress: Progress,
): Promise<PushedImage[]> {
  const [first] = targets;
  const images = await imagesIn(tree, what);
  if (images.length === 0 && !allowances.allowUnbaked)
    throw new KdeployError('push-refused', `${what} has no image, so it would not log to MLflow`, {
      hint: 'name an image that `kdeploy build` made; to copy it anyway: `--allow-unbaked`',
    });
  // Platforms share layers and settings: what is said of one need not be said of the next.
  const said = new Set<string>();
  const once = {
    note: (text: string) => {
      if (!said.has(text)) progress.note(text);
      said.add(text);
    },
  };
  for (const image of images) {
    refuseUntracked(image.config.value.run, first, allowances, once);
    refuseSecrets(await secretsIn(image), first, allowances, once);
  }
  const { document } = tree;
  const names = targets.map((target) => target.toFamiliarString());
  const title = names[0] === what ? `push ${what}` : `copy ${what} to ${names.join(', ')}`;
  await progress.step(title, async (step) => {
    const tags = targets.map(({ tag }) => tag);
    const written = await writeTree(tree, sink, bringAlong === undefined ? tags : [], {
      onProgress: (at) => {
        step.bars(
          at.underWay.map(({ digest, bytes, size }) => ({ name: shortened(digest), done: bytes, total: size })),
        );
        step.update(progressText(at));
      },
      ...(beforeManifests !== undefined && { beforeManifests }),
    });
    step.bars([]);
    const along = await bringAlong?.();
    if (bringAlong !== undefined) for (const tag of tags) await sink.writeManifest(document, tag);
    step.result([document.digest, writtenText(written), ...(along === undefined ? [] : [along])].join(', '));
  });
  const { digest } = document;
  const reference = first.withDigest(digest).toFamiliarString();
  return names.map((tag) => ({ tag, digest, reference }));
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

/** As docker shows a layer. */
function shortened(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
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
