import { KdeployError } from '../errors.js';
import { editDocument } from '../image/document.js';
import type { JsonEdit } from '../image/edit-json.js';
import type { Image } from '../image/image.js';
import { isPlatform, type IndexEntry } from '../image/manifest.js';
import { parseManifest } from '../image/manifest-json.js';
import { formatPlatform } from '../image/platform.js';
import type { ImageSource } from '../image/source.js';
import { imageIn, treeOf, type ManifestTree } from '../image/tree.js';

export interface RebakeTreeParts {
  readonly source: ImageSource;
  /** Bakes one image; `what` names it, with its platform where there are several. */
  readonly rebake: (image: Image, what: string) => Promise<Image>;
  readonly note: (text: string) => void;
}

/** By this BuildKit's attestations name the image that they describe (docs/attestations/attestation-storage.md). */
const DESCRIBES = 'vnd.docker.reference.digest';

/**
 * Bakes an image, or each platform of an index. What describes an image that the bake changes is left out, with a note,
 * for it would describe another one than it was made for; all else of the index stays as it is. Throws what `rebake` and
 * the source throw; KdeployError `image-unusable` for an index without any image.
 */
export async function rebakeTree(tree: ManifestTree, parts: RebakeTreeParts): Promise<ManifestTree> {
  const { source } = parts;
  if (tree.document.value.kind === 'image') {
    const image = await imageIn(tree, source.name);
    const baked = await parts.rebake(image, source.name);
    return baked.manifest.digest === image.manifest.digest ? tree : treeOf(baked);
  }
  const result = await rebakeIndex(tree, parts);
  if (result.images === 0)
    throw new KdeployError('image-unusable', `${source.name} is an index without any image`, {
      hint: 'name an image that `kdeploy build` made',
    });
  if (result.leftOut > 0)
    parts.note(
      `${result.leftOut} attestation${result.leftOut === 1 ? ' is' : 's are'} left out: ${result.leftOut === 1 ? 'it describes' : 'they describe'} the images as they were before this bake`,
    );
  return result.tree;
}

interface RebakedIndex {
  readonly tree: ManifestTree;
  readonly images: number;
  readonly leftOut: number;
}

async function rebakeIndex(tree: ManifestTree, parts: RebakeTreeParts): Promise<RebakedIndex> {
  const { source } = parts;
  let [images, leftOut] = [0, 0];
  const changed = new Set<string>();
  const children: { readonly entry: IndexEntry; readonly tree: ManifestTree }[] = [];
  for (const { entry, tree: child } of tree.children) {
    const baked = await bakeChild(entry, child);
    if (baked.document.digest !== entry.digest) changed.add(entry.digest);
    children.push({ entry, tree: baked });
  }
  const isLeftOut = ({ annotations }: IndexEntry): boolean => changed.has(annotations?.[DESCRIBES] ?? '');
  const edits = children.flatMap(({ entry, tree: { document } }, index): JsonEdit[] => {
    if (isLeftOut(entry) || document.digest === entry.digest) return [];
    return [
      { path: ['manifests', index, 'digest'], value: document.digest },
      { path: ['manifests', index, 'size'], value: document.bytes.length },
    ];
  });
  // From the last to the first, for each that goes moves those behind it.
  const removals = children
    .flatMap(({ entry }, index): JsonEdit[] =>
      isLeftOut(entry) ? [{ path: ['manifests', index], value: undefined }] : [],
    )
    .toReversed();
  const { document } = tree;
  const edited = editDocument(document, [...edits, ...removals], parseManifest, `the index of ${source.name}`);
  leftOut += removals.length;
  const kept = children.filter(({ entry }) => !isLeftOut(entry));
  return { tree: edited === document ? tree : { document: edited, blobs: [], children: kept }, images, leftOut };

  async function bakeChild(entry: IndexEntry, child: ManifestTree): Promise<ManifestTree> {
    if (child.document.value.kind === 'index') {
      const inner = await rebakeIndex(child, parts);
      images += inner.images;
      leftOut += inner.leftOut;
      return inner.tree;
    }
    if (!isPlatform(entry, child.document.value.manifest)) return child;
    images += 1;
    const image = await imageIn(child, source.name);
    const what = entry.platform === undefined ? source.name : `${source.name} (${formatPlatform(entry.platform)})`;
    const baked = await parts.rebake(image, what);
    return baked.manifest.digest === image.manifest.digest ? child : treeOf(baked);
  }
}
