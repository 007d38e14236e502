import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { KdeployError } from '../../errors.js';
import { inFolderOf } from '../../guarded-file.js';
import type { GuardedFolder } from '../../guarded-folder.js';
import { blobOf, type Blob } from '../../image/blob.js';
import type { Document } from '../../image/document.js';
import { editJson, type JsonEdit } from '../../image/edit-json.js';
import { MEDIA_TYPES, type IndexEntry } from '../../image/manifest.js';
import { referrerIn } from '../../image/referrer.js';
import type { BlobFate } from '../../image/sink.js';
import { counted } from '../../image/counted.js';
import { FolderFiles, unlessMissing } from './folder-files.js';
import { LayoutSource, NAME_ANNOTATION } from './image-layout.js';
import { blobPath } from './layout-files.js';
import { assertLayout, LAYOUT_CONTENT, LAYOUT_FILE } from './layout-version.js';
import { entryOf, INDEX_FILE, type ListingSink } from './listing-sink.js';
import { verified } from './verified.js';

type StoredDocument = Omit<Document<unknown>, 'value'>;

/** Others write the index in milliseconds; who waits longer than some seconds waits for one that has died. */
const MAXIMUM_TRIES = 100;
const LONGEST_WAIT_MILLISECONDS = 60;

/**
 * An OCI image layout, to be written to: in a folder that is one, is empty, or is made. No blob is there by its digest
 * before it is whole; the index, by which it is found, comes last. Several may write to one layout at the same time.
 */
export class LayoutSink implements ListingSink {
  readonly name: string;
  #prepared: Promise<void> | undefined;
  #lastAttached: Promise<unknown> = Promise.resolve();

  constructor(private readonly path: string) {
    this.name = `oci:${path}`;
  }

  async writeBlob(blob: Blob, onBytes: (count: number) => void = () => undefined): Promise<BlobFate> {
    await this.#prepare();
    const { digest, size } = blob.descriptor;
    const content = {
      [Symbol.asyncIterator]: () => counted(verified(blob.open(), blob.descriptor, this.name), onBytes),
    };
    return this.#inFolderOf(
      blobPath(digest),
      async (folder, file) => {
        const entry = await folder.statistics(file);
        if (entry?.isFile() === true && entry.size === size) return 'present';
        await folder.replace(file, { content });
        return 'sent';
      },
      { create: true },
    );
  }

  async writeManifest(document: StoredDocument, tag?: string): Promise<void> {
    await this.writeBlob(blobOf(document));
    if (tag === undefined) return;
    await this.#inFolderOf(INDEX_FILE, (folder) => this.#exchange(folder, entryOf(document), tag));
    const files = await FolderFiles.open(this.path);
    const { digest } = await new LayoutSource(files, `${this.name}:${tag}`, tag).root();
    if (digest !== document.digest)
      throw new KdeployError('push-failed', `${this.name}:${tag} names ${digest} afterwards, not ${document.digest}`, {
        hint: 'something else wrote the same tag: try again, or use a tag of your own',
      });
  }

  async list(document: StoredDocument): Promise<void> {
    await this.#inFolderOf(INDEX_FILE, (folder) => this.#exchange(folder, entryOf(document), undefined));
  }

  /**
   * Writes a manifest that says something of another one, and lists it: layouts have no other place for that. Its type keeps
   * it from being taken for one more image; oras does the same.
   */
  async attach(document: StoredDocument): Promise<void> {
    const referrer = referrerIn(document);
    if (referrer === undefined) throw new Error(`${document.digest} has no subject`);
    // One after the other, so that the same image makes the same index.
    const attached = this.#lastAttached.then(async () => {
      await this.writeBlob(blobOf(document));
      await this.#inFolderOf(INDEX_FILE, (folder) => this.#exchange(folder, referrer.entry, undefined));
    });
    this.#lastAttached = attached.catch(() => undefined);
    await attached;
  }

  /** A folder takes everything. */
  reasonNotTaken(): undefined {
    return undefined;
  }

  /** Until nobody else changed the index in between. */
  async #exchange(folder: GuardedFolder, entry: IndexEntry, tag: string | undefined): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const before = await folder.read(INDEX_FILE);
      const content = this.#indexWith(before, entry, tag);
      if (before?.equals(content) === true) return;
      try {
        await folder.exchange(INDEX_FILE, before, { content }, `${this.path}/${INDEX_FILE}`);
        return;
      } catch (error) {
        // What the file system refuses has not become one of ours here.
        if (!(error instanceof KdeployError) || attempt === MAXIMUM_TRIES) throw error;
        await setTimeout(Math.random() * LONGEST_WAIT_MILLISECONDS);
      }
    }
  }

  /**
   * The index with the tag's entry, in the place of the one that it had; what else is in it stays as it is. Without a tag,
   * whatever entry the image has will do.
   */
  #indexWith(before: Buffer | undefined, listed: IndexEntry, tag: string | undefined): Buffer {
    const { digest } = listed;
    const entry = { ...listed, ...(tag !== undefined && { annotations: { [NAME_ANNOTATION]: tag } }) };
    if (before === undefined)
      return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [entry] }));
    const entries = this.#entriesOf(before);
    if (tag === undefined && entries.some((other) => digestIn(other) === digest)) return before;
    const isReplaced = (other: unknown) => tag !== undefined && nameOf(other) === tag;
    const [first, ...others] = entries.flatMap((other, index) => (isReplaced(other) ? [index] : []));
    const edits: JsonEdit[] =
      entries.length === 0
        ? [{ path: ['manifests'], value: [entry] }]
        : [
            ...others.reverse().map((index) => ({ path: ['manifests', index], value: undefined })),
            { path: ['manifests', first ?? entries.length], value: entry },
          ];
    return editJson(before, edits, `the index.json of ${this.name}`);
  }

  #entriesOf(bytes: Buffer): readonly unknown[] {
    try {
      const index: unknown = JSON.parse(bytes.toString('utf8'));
      if (typeof index === 'object' && index !== null && !Array.isArray(index)) {
        // Go writes an empty list as null.
        const list = 'manifests' in index ? (index.manifests ?? []) : [];
        if (Array.isArray(list)) return list;
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new KdeployError('image-unusable', `the index.json of ${this.name} is not an index; it was left as it is`, {
      hint: 'write to another folder',
    });
  }

  /** A layout is anywhere: what cannot be written in it is shown by its whole path. */
  #inFolderOf<Result>(
    file: string,
    work: (folder: GuardedFolder, name: string) => Promise<Result>,
    options: { readonly create?: boolean } = {},
  ): Promise<Result> {
    return inFolderOf(this.path, file, work, { ...options, shown: join(this.path, file) });
  }

  #prepare(): Promise<void> {
    return (this.#prepared ??= this.#makeLayout());
  }

  /**
   * Looks whether the folder takes a layout, and writes nothing. Throws KdeployError `usage` where it does not, and
   * `image-not-found` for a layout of another version.
   */
  async assertWritable(): Promise<void> {
    if (await this.#isLayout()) await assertLayout(await FolderFiles.open(this.path));
  }

  /** What makes the folder a layout comes first: another who begins at the same time must find no folder of something else. */
  async #makeLayout(): Promise<void> {
    // One that is there need not be written to for its own sake.
    if (!(await this.#isLayout()))
      await this.#inFolderOf(LAYOUT_FILE, (folder, name) => folder.create(name, { content: LAYOUT_CONTENT }), {
        create: true,
      });
    await assertLayout(await FolderFiles.open(this.path));
  }

  /** `false` where it can be made one. */
  async #isLayout(): Promise<boolean> {
    const entry = await unlessMissing(stat(this.path));
    if (entry?.isDirectory() === false)
      throw new KdeployError('usage', `${this.path} is a file; kdeploy writes a layout into a folder`, {
        hint: 'name a folder: oci:FOLDER:TAG; for an archive in a file: oci-archive:FILE:TAG',
      });
    const names = entry === undefined ? [] : (await readdir(this.path)).filter((name) => !isTemporary(name));
    if (names.includes(LAYOUT_FILE)) return true;
    if (names.length > 0)
      throw new KdeployError('usage', `${this.path} is not empty, and not an OCI image layout; nothing was written`, {
        hint: 'name a folder that is empty, or that does not exist',
      });
    return false;
  }
}

/** What another of the same time has not given its name yet (src/guarded-folder.ts). */
function isTemporary(name: string): boolean {
  return /^\.kdeploy-.*\.tmp$/.test(name);
}

function nameOf(entry: unknown): unknown {
  const { annotations } = (entry ?? {}) as { readonly annotations?: Readonly<Record<string, unknown>> | null };
  return annotations?.[NAME_ANNOTATION];
}

function digestIn(entry: unknown): unknown {
  return ((entry ?? {}) as { readonly digest?: unknown }).digest;
}
