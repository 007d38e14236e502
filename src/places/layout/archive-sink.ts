import type { Pack } from 'tar-stream';
import { blobOf, type Blob } from '../../image/blob.js';
import type { Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import { MEDIA_TYPES, type IndexEntry } from '../../image/manifest.js';
import { referrerIn } from '../../image/referrer.js';
import type { BlobFate } from '../../image/sink.js';
import { counted } from '../../image/counted.js';
import { NAME_ANNOTATION } from './image-layout.js';
import { blobPath } from './layout-files.js';
import { LAYOUT_CONTENT, LAYOUT_FILE } from './layout-version.js';
import { entryOf, INDEX_FILE, type ListingSink } from './listing-sink.js';
import { verified } from './verified.js';

type StoredDocument = Omit<Document<unknown>, 'value'>;

/**
 * The same for everything, so that the same image gives the same archive. Not 1970: what unpacks the archive and packs it
 * again as a zip file would be refused (pypa/hatch#1605). The files in layers have it as well.
 */
const MTIME = new Date('2020-01-01T00:00:00Z');

/**
 * An OCI image layout in a TAR file that is being written. One file comes after the other, so what fails in the middle of
 * one is the end of the archive; the index, by which images are found, comes last. Blobs are in the order in which they are
 * asked for, each once, and none is opened before its turn: a registry closes a connection that nobody reads.
 */
export class ArchiveSink implements ListingSink {
  #last: Promise<void>;
  readonly #blobs = new Map<Digest, Promise<void>>();
  readonly #folders = new Set<string>();
  #entries: readonly IndexEntry[] = [];

  constructor(
    readonly name: string,
    private readonly archive: Pack,
    private readonly signal: AbortSignal,
  ) {
    // First, as the file by which the rest is known (OCI image spec, image-layout.md).
    this.#last = this.#addFile(LAYOUT_FILE, [Buffer.from(LAYOUT_CONTENT)], Buffer.byteLength(LAYOUT_CONTENT));
    // Whoever waits for it hears it.
    this.#last.catch(() => undefined);
  }

  async writeBlob(blob: Blob, onBytes: (count: number) => void = () => undefined): Promise<BlobFate> {
    const { digest, size } = blob.descriptor;
    const known = this.#blobs.get(digest);
    if (known !== undefined) {
      await known;
      return 'present';
    }
    const path = blobPath(digest);
    const written = this.#inTurn(async () => {
      await this.#addFolders(path);
      await this.#addFile(path, counted(verified(blob.open(), blob.descriptor, this.name), onBytes), size);
    });
    this.#blobs.set(digest, written);
    await written;
    return 'sent';
  }

  async writeManifest(document: StoredDocument, tag?: string): Promise<void> {
    await this.writeBlob(blobOf(document));
    if (tag === undefined) return;
    const isOther = ({ annotations }: IndexEntry) => annotations?.[NAME_ANNOTATION] !== tag;
    const entry = { ...entryOf(document), annotations: { [NAME_ANNOTATION]: tag } };
    this.#entries = [...this.#entries.filter(isOther), entry];
  }

  async list(document: StoredDocument): Promise<void> {
    await this.writeBlob(blobOf(document));
    this.#list(entryOf(document));
  }

  async attach(document: StoredDocument): Promise<void> {
    const referrer = referrerIn(document);
    if (referrer === undefined) throw new Error(`${document.digest} has no subject`);
    const list = (): void => {
      this.#list(referrer.entry);
    };
    // In its turn: a document that is there already would come before others that were begun earlier.
    await Promise.all([this.writeBlob(blobOf(document)), this.#inTurn(list)]);
  }

  /** An archive takes everything. */
  reasonNotTaken(): undefined {
    return undefined;
  }

  /** Ends the archive. Throws what any of its files could not be written for, whoever heard it. */
  async finish(): Promise<void> {
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: this.#entries };
    const bytes = Buffer.from(JSON.stringify(index));
    await this.#inTurn(() => this.#addFile(INDEX_FILE, [bytes], bytes.length));
    this.archive.finalize();
  }

  #list(entry: IndexEntry): void {
    if (this.#entries.some(({ digest }) => digest === entry.digest)) return;
    this.#entries = [...this.#entries, entry];
  }

  /** After all that was asked for before; not at all where some of that failed. */
  #inTurn(work: () => Promise<void> | void): Promise<void> {
    return (this.#last = this.#last.then(work));
  }

  /** Some that unpack make a folder that has no entry of its own, but not one that others may read. */
  async #addFolders(path: string): Promise<void> {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const name = path.slice(0, slash + 1);
      if (this.#folders.has(name)) continue;
      this.#folders.add(name);
      await this.#add({ name, type: 'directory', mode: 0o755 }, []);
    }
  }

  #addFile(name: string, bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, size: number): Promise<void> {
    return this.#add({ name, size, mode: 0o644 }, bytes);
  }

  async #add(
    header: { name: string; type?: 'directory'; size?: number; mode: number },
    bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const [{ Readable }, { pipeline }] = await Promise.all([import('node:stream'), import('node:stream/promises')]);
    this.signal.throwIfAborted();
    const entry = this.archive.entry({ ...header, mtime: MTIME });
    await pipeline(Readable.from(bytes, { objectMode: false }), entry, { signal: this.signal });
  }
}
