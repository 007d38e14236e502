import type { Blob } from './blob.js';
import type { Digest } from './digest.js';
import type { BlobFate, ImageSink } from './sink.js';
import type { ManifestTree } from './tree.js';

/** How an image came to its place. */
export interface WrittenTree {
  /** How many blobs went which way. */
  readonly blobs: Readonly<Record<BlobFate, number>>;
  /** Bytes that travelled. */
  readonly bytes: number;
}

/** What is written, and how much of it is. */
export interface WriteProgress {
  readonly blobsDone: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly totalBytes: number;
  /** What travels at the moment. */
  readonly underWay: readonly { readonly digest: Digest; readonly bytes: number; readonly size: number }[];
}

/** Enough to fill a connection, and few enough for a registry that counts them. */
const AT_ONCE = 4;

export interface WriteTreeOptions {
  readonly onProgress?: (progress: WriteProgress) => void;
  /** Awaited when all blobs are there, which nobody finds yet: what it throws keeps the manifests from being written. */
  readonly beforeManifests?: () => Promise<unknown>;
}

/**
 * Writes a manifest with all below it: blobs, then manifests from the leaves up, then the tags. Whatever stops it, the tags
 * name what they named before. Throws what the sink throws; blobs that are being written when one fails go on until the
 * sink's own signal stops them.
 */
export async function writeTree(
  tree: ManifestTree,
  sink: ImageSink,
  tags: readonly string[],
  { onProgress = () => undefined, beforeManifests }: WriteTreeOptions = {},
): Promise<WrittenTree> {
  const blobs = blobsOf(tree);
  const written = await writeBlobs(blobs, sink, onProgress);
  await beforeManifests?.();
  await writeChildren(tree, sink);
  for (const tag of tags.length === 0 ? [undefined] : tags) await sink.writeManifest(tree.document, tag);
  return written;
}

/** Writes all that a manifest names, and not the manifest itself. Throws what the sink throws. */
export async function writeBelow(tree: ManifestTree, sink: ImageSink): Promise<void> {
  await writeBlobs(blobsOf(tree), sink, () => undefined);
  await writeChildren(tree, sink);
}

async function writeBlobs(
  blobs: readonly Blob[],
  sink: ImageSink,
  onProgress: (progress: WriteProgress) => void,
): Promise<WrittenTree> {
  const fates: Record<BlobFate, number> = { present: 0, mounted: 0, sent: 0 };
  const moved = new Map<Blob, number>();
  const totalBytes = blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  let [blobsDone, bytes, doneBytes] = [0, 0, 0];
  const tell = () => {
    const underWay = [...moved.values()].reduce((sum, count) => sum + count, 0);
    const transfers = [...moved].map(
      ([
        {
          descriptor: { digest, size },
        },
        count,
      ]) => ({ digest, bytes: count, size }),
    );
    onProgress({ blobsDone, blobs: blobs.length, bytes: doneBytes + underWay, totalBytes, underWay: transfers });
  };
  // The largest first, for the last one to begin decides when all have come.
  const waiting = blobs.toSorted((one, other) => one.descriptor.size - other.descriptor.size);
  let isFailed = false;
  const work = async (): Promise<void> => {
    for (let blob = waiting.pop(); blob !== undefined && !isFailed; blob = waiting.pop()) {
      const each = blob;
      const fate = await sink.writeBlob(each, (count) => {
        moved.set(each, count);
        tell();
      });
      moved.delete(each);
      fates[fate] += 1;
      blobsDone += 1;
      doneBytes += each.descriptor.size;
      if (fate === 'sent') bytes += each.descriptor.size;
      tell();
    }
  };
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch((error: unknown) => {
      isFailed = true;
      throw error;
    }),
  );
  await Promise.all(workers);
  return { blobs: fates, bytes };
}

async function writeChildren(tree: ManifestTree, sink: ImageSink): Promise<void> {
  for (const { tree: child } of tree.children) {
    await writeChildren(child, sink);
    await sink.writeManifest(child.document);
  }
}

/** Each once: platforms share layers. Those of Windows that may not be given on stay where they are (image spec, layer.md). */
function blobsOf(tree: ManifestTree): Blob[] {
  const all = [tree, ...descendants(tree)].flatMap(({ blobs }) => blobs);
  const isOurs = ({ descriptor: { mediaType } }: Blob) => !/foreign|nondistributable/.test(mediaType);
  return [...new Map(all.filter(isOurs).map((blob) => [blob.descriptor.digest, blob])).values()];
}

function descendants({ children }: ManifestTree): ManifestTree[] {
  return children.flatMap(({ tree }) => [tree, ...descendants(tree)]);
}
