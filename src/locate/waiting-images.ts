import type { Blob } from '../image/blob.js';
import { isDigest, type Digest } from '../image/digest.js';
import { parseReference, type ImageReference, type PinnedReference } from '../image/reference.js';
import type { ImageSink, ReferrerSink } from '../image/sink.js';
import type { ImageSource } from '../image/source.js';
import type { ManifestTree } from '../image/tree.js';
import { writeTree, type WriteTreeOptions } from '../image/write-tree.js';
import { FolderFiles } from '../places/layout/folder-files.js';
import { LayoutSource } from '../places/layout/image-layout.js';
import { LayoutSink } from '../places/layout/layout-sink.js';
import type { StateFolder } from '../state-folder.js';
import { WaitingSource } from './waiting-source.js';

const KIND = 'waiting-image';

/**
 * Images that were baked from a registry, or built without an engine, and are not pushed yet, by the names that they shall
 * have. A layout has what was made here; the other layers stay in the repository that they come from, for a push takes them
 * from there.
 */
export class WaitingImages {
  readonly #layout: string;

  constructor(
    private readonly state: StateFolder,
    private readonly sourceOf: (reference: PinnedReference) => ImageSource,
  ) {
    this.#layout = state.folder('waiting-images');
  }

  /**
   * Keeps an image under these names; what the repository that it comes from has stays there. Throws KdeployError
   * `configuration` where nothing can be written.
   */
  async keep(
    tree: ManifestTree,
    names: readonly ImageReference[],
    from: PinnedReference | undefined,
    options: WriteTreeOptions & { readonly attach?: (sink: ReferrerSink) => Promise<unknown> } = {},
  ): Promise<void> {
    const sink = new LayoutSink(this.#layout);
    await writeTree(tree, from === undefined ? sink : withoutLayersIn(from, sink), [], options);
    await options.attach?.(sink);
    // By this it is found, so it comes last.
    const note = { digest: tree.document.digest, ...(from !== undefined && { from: from.toString() }) };
    for (const name of names) await this.state.write(KIND, name.toString(), note);
  }

  /** The image that waits under this name; `undefined`: none does. */
  async find(name: ImageReference): Promise<ImageSource | undefined> {
    const note = noteIn(await this.state.read(KIND, name.toString()));
    if (note === undefined) return undefined;
    const files = await FolderFiles.open(this.#layout).catch(() => undefined);
    if (files === undefined) return undefined;
    const layout = new LayoutSource(files, name.toFamiliarString(), note.digest);
    return new WaitingSource(layout, files, note.digest, note.from && this.sourceOf(note.from));
  }

  /** Once it is pushed, or another image has the name. */
  async forget(name: ImageReference): Promise<void> {
    await this.state.remove(KIND, name.toString());
  }
}

/** What that repository has is not written: its descriptors say where it is. */
function withoutLayersIn(repository: ImageReference, sink: ImageSink): ImageSink {
  const isThere = ({ from }: Blob) => from?.registry === repository.registry && from.name === repository.name;
  return {
    name: sink.name,
    writeBlob: (blob, onBytes) => (isThere(blob) ? Promise.resolve('present' as const) : sink.writeBlob(blob, onBytes)),
    writeManifest: (document, tag) => sink.writeManifest(document, tag),
  };
}

function noteIn(note: unknown): { readonly digest: Digest; readonly from: PinnedReference | undefined } | undefined {
  const { digest, from } = (note ?? {}) as { readonly digest?: unknown; readonly from?: unknown };
  if (typeof digest !== 'string' || !isDigest(digest)) return undefined;
  if (from === undefined) return { digest, from };
  if (typeof from !== 'string') return undefined;
  const reference = parseReference(from);
  return reference.digest === undefined ? undefined : { digest, from: reference as PinnedReference };
}
