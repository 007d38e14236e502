import { KdeployError } from '../errors.js';
import { blobOf, type Blob } from './blob.js';
import type { Document } from './document.js';
import { imageOf, type Image } from './image.js';
import type { Descriptor, ImageConfig, ImageManifest, IndexEntry } from './manifest.js';
import { isIndexMediaType, isManifestMediaType } from './manifest.js';
import { parseImageConfig, type ParsedManifest } from './manifest-json.js';
import type { ImageSource } from './source.js';

/** A manifest with all that it names, down to the layers: what has to be in a place before the manifest can be put there. */
export interface ManifestTree {
  readonly document: Document<ParsedManifest>;
  /** The configuration, then the layers; none for an index. */
  readonly blobs: readonly Blob[];
  /** Of an index, in its order. */
  readonly children: readonly { readonly entry: IndexEntry; readonly tree: ManifestTree }[];
}

/** Indexes may list indexes; more than this many levels is a loop or a joke. */
export const MAXIMUM_DEPTH = 3;
/** A configuration is a few kilobytes; its source decides how much it sends. */
const MAXIMUM_CONFIG_BYTES = 8 * 1024 * 1024;

/**
 * Reads all manifests below what the source's name stands for, or below another one that it has, and no blob. Throws
 * KdeployError `image-not-found` for anything but an image, and what the source throws.
 */
export async function readTree(source: ImageSource, other?: Pick<Descriptor, 'digest'>): Promise<ManifestTree> {
  return treeBelow(source, await (other === undefined ? source.root() : source.manifest(other)), 1);
}

async function treeBelow(
  source: ImageSource,
  document: Document<ParsedManifest>,
  depth: number,
): Promise<ManifestTree> {
  const parsed = document.value;
  if (parsed.kind === 'image') return leafOf(source, document, parsed.manifest);
  if (depth > MAXIMUM_DEPTH) throw new KdeployError('image-not-found', `${source.name} nests image indexes too deeply`);
  const entries = parsed.index.manifests;
  for (const { mediaType } of entries)
    if (!isManifestMediaType(mediaType) && !isIndexMediaType(mediaType))
      throw new KdeployError('image-not-found', `${source.name} lists a manifest of the unsupported type ${mediaType}`);
  const children = entries.map(async (entry) => ({
    entry,
    tree: await treeBelow(source, await source.manifest(entry), depth + 1),
  }));
  return { document, blobs: [], children: await Promise.all(children) };
}

/** A manifest that lists no others, with its blobs, of which none is read. */
export function leafOf(
  source: ImageSource,
  document: Document<ParsedManifest>,
  { config, layers }: ImageManifest,
): ManifestTree {
  const { repository: from } = source;
  const blobs = [config, ...layers].map((descriptor) => ({
    descriptor,
    ...(from !== undefined && { from }),
    open: () => source.blob(descriptor),
  }));
  return { document, blobs, children: [] };
}

/** One image of a tree; `what` names it. Throws KdeployError `image-not-found` for an index, and for another artifact. */
export async function imageIn({ document, blobs }: ManifestTree, what: string): Promise<Image> {
  const [config, ...layers] = blobs;
  if (document.value.kind === 'index' || config === undefined)
    throw new KdeployError('image-not-found', `${what} is an index of several images`);
  const { manifest } = document.value;
  return imageOf({
    manifest: { ...document, value: manifest },
    config: await readConfig(config, what),
    layers,
    what,
  });
}

/** An image's manifest, configuration and layers, to be written. */
export function treeOf({ manifest, config, layers }: Image): ManifestTree {
  const document = { ...manifest, value: { kind: 'image', manifest: manifest.value } as const };
  return { document, blobs: [blobOf(config), ...layers], children: [] };
}

async function readConfig(blob: Blob, what: string): Promise<Document<ImageConfig>> {
  const { digest, size, mediaType } = blob.descriptor;
  if (size > MAXIMUM_CONFIG_BYTES)
    throw new KdeployError('image-not-found', `the configuration of ${what} is larger than any image needs`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { bytes, digest, mediaType, value: parseImageConfig(bytes, what) };
}
