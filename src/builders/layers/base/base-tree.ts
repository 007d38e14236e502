import type { Image } from '../../../image/image.js';
import { readLayer, type LayerEntry } from '../../../image/read-layer.js';
import { deletedBy } from '../../../image/whiteout.js';
import type { Program } from './read-program.js';

/** A path of the base, as the last layer that has it left it. */
export type BaseNode = BaseFolder | BaseFile | BaseLink;

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface BaseFolder extends Owned {
  readonly type: 'folder';
  readonly children: ReadonlyMap<string, BaseNode>;
}

/** A regular file, or a device or the like, which is never looked into. */
export interface BaseFile extends Owned {
  readonly type: 'file';
  readonly size: number;
  /** Of a file of interest that is small. */
  readonly content: Buffer | undefined;
  /** Of a file that is looked at as a program. */
  readonly program: Program | undefined;
}

export interface BaseLink extends Owned {
  readonly type: 'link';
  readonly target: string;
}

/** What is kept of a file: its bytes, what it says as a program, or only that it is there. */
export type Interest = 'content' | 'program' | 'presence';

/** Where a path leads to. */
export interface Resolved {
  /** Without the first slash, and without a link on the way; what is not there is appended as it was asked for. */
  readonly path: string;
  /** `undefined`: nothing is there, or only a file that is of no interest. */
  readonly node: BaseFolder | BaseFile | undefined;
}

/** What a layer does to the tree. */
type Change =
  | { readonly kind: 'delete'; readonly deleted: string }
  | { readonly kind: 'put'; readonly path: string; readonly node: Draft | undefined }
  /** A hard link: `target` is a path of the image. */
  | { readonly kind: 'same'; readonly path: string; readonly target: string };

type Draft = Omit<BaseFolder, 'children'> | BaseFile | BaseLink;

/** Nodes as the tree changes them; `layer` is the last one that wrote there, since whiteouts take away only what is below. */
type Node = FolderNode | ((BaseFile | BaseLink) & { readonly layer: number });

interface FolderNode extends Owned {
  readonly type: 'folder';
  readonly children: Map<string, Node>;
  readonly layer: number;
}

/** A folder that no entry names: as an unpacking root makes it (containerd, Docker). */
const UNNAMED = { type: 'folder', mode: 0o755, uid: 0, gid: 0 } as const;
/** Linux follows no more (path_resolution(7)). */
const MAXIMUM_LINKS = 40;
/** A file of interest that is larger has been put there for another purpose. */
const MAXIMUM_CONTENT = 8 * 1024 * 1024;

/** The file system of an image, without what nobody asks for. Folders and links are all there. */
export interface BaseTree {
  readonly root: BaseFolder;
  /** Follows links, also in the middle of the path; `undefined`: they go round in a circle. */
  resolve(path: string): Resolved | undefined;
}

export interface ReadBaseTreeOptions {
  readonly interestIn: (path: string) => Interest | undefined;
  /** Compressed bytes read so far, of all. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * Folds an image's layers into one tree, the later ones over the earlier (OCI image spec, layer.md, "Applying Changesets"). Each
 * layer is read once, as a stream: memory grows with the number of folders and links, not with bytes. `undefined` where a
 * layer is compressed in a way that this Node.js cannot read. Throws what `readLayer` throws.
 */
export async function readBaseTree(image: Image, options: ReadBaseTreeOptions): Promise<BaseTree | undefined> {
  const tree = new GrowingTree();
  const total = [
    ...new Map(image.layers.map(({ descriptor }) => [descriptor.digest, descriptor.size])).values(),
  ].reduce((sum, size) => sum + size, 0);
  const digests = image.layers.map(({ descriptor }) => descriptor.digest);
  const repeated = new Set(digests.filter((digest, index) => digests.indexOf(digest) !== index));
  const kept = new Map<string, Change[]>();
  let bytes = 0;
  for (const layer of image.layers) {
    const { digest } = layer.descriptor;
    tree.nextLayer();
    const known = kept.get(digest);
    if (known !== undefined) {
      for (const change of known) tree.apply(change);
      continue;
    }
    const changes: Change[] | undefined = repeated.has(digest) ? [] : undefined;
    const counted = counting(layer.open(), (length) => options.onProgress?.((bytes += length), total));
    const isRead = await readLayer(counted, async (entry) => {
      const change = await changeOf(entry, options.interestIn);
      if (change === undefined) return;
      changes?.push(change);
      tree.apply(change);
    });
    if (!isRead) return undefined;
    if (changes !== undefined) kept.set(digest, changes);
  }
  return tree;
}

async function* counting(
  bytes: AsyncIterable<Uint8Array>,
  count: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    count(piece.length);
    yield piece;
  }
}

async function changeOf(entry: LayerEntry, interestIn: ReadBaseTreeOptions['interestIn']): Promise<Change | undefined> {
  const path = partsOf(entry.path).join('/');
  // Engines refuse it; it would lead out of the root.
  if (path.split('/').includes('..')) return undefined;
  const deleted = deletedBy(path);
  if (deleted !== undefined) return { kind: 'delete', deleted };
  const owned = { mode: entry.mode, uid: entry.uid, gid: entry.gid };
  if (entry.type === 'directory') return { kind: 'put', path, node: { type: 'folder', ...owned } };
  if (entry.type === 'link') return { kind: 'same', path, target: entry.linkname ?? '' };
  if (entry.type === 'symlink')
    return { kind: 'put', path, node: { type: 'link', ...owned, target: entry.linkname ?? '' } };
  const interest = interestIn(path);
  if (interest === undefined) return { kind: 'put', path, node: undefined };
  return { kind: 'put', path, node: { type: 'file', ...owned, size: entry.size, ...(await lookAt(entry, interest)) } };
}

async function lookAt(entry: LayerEntry, interest: Interest): Promise<Pick<BaseFile, 'content' | 'program'>> {
  const isRegular = entry.type === 'file' || entry.type === 'contiguous-file';
  if (interest === 'content' && isRegular && entry.size <= MAXIMUM_CONTENT)
    return { content: await entry.content(), program: undefined };
  if (interest !== 'program' || !isRegular) return { content: undefined, program: undefined };
  const { readProgram } = await import('./read-program.js');
  return { content: undefined, program: await readProgram(entry.bytes()) };
}

class GrowingTree implements BaseTree {
  readonly root: FolderNode = { ...UNNAMED, children: new Map(), layer: 0 };
  #layer = 0;

  nextLayer(): void {
    this.#layer += 1;
  }

  apply(change: Change): void {
    if (change.kind === 'delete') this.#delete(change.deleted);
    else this.#put(change.path, change.kind === 'put' ? change.node : this.#at(change.target));
  }

  resolve(path: string): Resolved | undefined {
    return this.#walk(partsOf(path), MAXIMUM_LINKS);
  }

  #walk(parts: readonly string[], links: number): Resolved | undefined {
    let node: Node | undefined = this.root;
    const way: string[] = [];
    for (const [index, part] of parts.entries()) {
      if (part === '..') {
        way.pop();
        node = this.#at(way.join('/'));
        continue;
      }
      const next: Node | undefined = node?.type === 'folder' ? node.children.get(part) : undefined;
      if (next?.type === 'link') {
        if (links === 0) return undefined;
        const from = next.target.startsWith('/') ? [] : way;
        return this.#walk([...from, ...partsOf(next.target), ...parts.slice(index + 1)], links - 1);
      }
      way.push(part);
      node = next;
    }
    return { path: way.join('/'), node: node?.type === 'link' ? undefined : node };
  }

  #put(path: string, draft: Draft | BaseNode | undefined): void {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) {
      if (draft?.type === 'folder') Object.assign(this.root, ownedOf(draft));
      return;
    }
    // For a file that is not kept no folder is made.
    const parent = draft === undefined ? this.#folderAt(parts) : this.#makeFolder(parts);
    if (parent === undefined) return;
    const present = parent.children.get(name);
    const layer = this.#layer;
    if (draft === undefined) parent.children.delete(name);
    else if (draft.type !== 'folder') parent.children.set(name, { ...draft, layer });
    else
      parent.children.set(name, {
        ...{ type: 'folder', ...ownedOf(draft), layer },
        children: present?.type === 'folder' ? present.children : new Map<string, Node>(),
      });
  }

  /** The folder that a layer writes into, as it is unpacked onto the layers below: through their links. */
  #folderAt(parts: readonly string[]): FolderNode | undefined {
    const node = this.resolve(parts.join('/'))?.node;
    return node?.type === 'folder' ? (node as FolderNode) : undefined;
  }

  #makeFolder(parts: readonly string[]): FolderNode {
    let folder = this.root;
    for (const part of partsOf(this.resolve(parts.join('/'))?.path ?? parts.join('/'))) {
      const present = folder.children.get(part);
      const next: FolderNode =
        present?.type === 'folder' ? present : { ...UNNAMED, children: new Map(), layer: this.#layer };
      folder.children.set(part, next);
      folder = next;
    }
    return folder;
  }

  #delete(deleted: string): void {
    const parts = partsOf(deleted);
    const isOpaque = deleted === '' || deleted.endsWith('/');
    const name = isOpaque ? undefined : parts.pop();
    const folder = this.#folderAt(parts);
    if (folder === undefined) return;
    if (name === undefined) this.#emptyOfOlder(folder);
    else this.#removeOlder(folder, name);
  }

  #emptyOfOlder(folder: FolderNode): void {
    for (const name of [...folder.children.keys()]) this.#removeOlder(folder, name);
  }

  /** What the layer itself has there stays: whiteouts are for the layers below, wherever in the layer they stand. */
  #removeOlder(parent: FolderNode, name: string): void {
    const node = parent.children.get(name);
    if (node === undefined) return;
    if (node.type === 'folder') this.#emptyOfOlder(node);
    const isOlder = node.layer < this.#layer;
    if (isOlder && (node.type !== 'folder' || node.children.size === 0)) parent.children.delete(name);
  }

  /** No link is followed at the end: a hard link to a link is the same link. */
  #at(path: string): Node | undefined {
    const parts = partsOf(path);
    const name = parts.pop();
    return name === undefined ? this.root : this.#folderAt(parts)?.children.get(name);
  }
}

function ownedOf({ mode, uid, gid }: Owned): Owned {
  return { mode, uid, gid };
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
