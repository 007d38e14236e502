import type { Image } from '../../../src/image/image.js';
import type { ImageReference } from '../../../src/image/reference.js';
import type { ImageSource } from '../../../src/image/source.js';
import { treeOf, type ManifestTree } from '../../../src/image/tree.js';

/** A source that has one image, or one index, in memory. */
export function treeSource(of: Image | ManifestTree, name = 'app:v1', repository?: ImageReference): ImageSource {
  const top = 'document' in of ? of : treeOf(of);
  const trees: ManifestTree[] = [];
  const add = (tree: ManifestTree): void => {
    trees.push(tree);
    for (const child of tree.children) add(child.tree);
  };
  add(top);
  const found = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error(`${name} was asked for what it does not have`);
    return value;
  };
  return {
    name,
    ...(repository !== undefined && { repository }),
    root: () => Promise.resolve(top.document),
    manifest: ({ digest }) => Promise.resolve(found(trees.find((tree) => tree.document.digest === digest)).document),
    blob: ({ digest }) =>
      found(trees.flatMap(({ blobs }) => blobs).find(({ descriptor }) => descriptor.digest === digest)).open(),
  };
}
