import type { Blob } from './blob.js';
import type { Document } from './document.js';

/** How a blob came to its place: it was there, another repository of the registry gave it, or its bytes travelled. */
export type BlobFate = 'present' | 'mounted' | 'sent';

/** Where an image is written to: a repository of a registry, or a layout. */
export interface ImageSink {
  /** For messages: `registry.example.com/team/app`, `oci:dist`. */
  readonly name: string;
  /**
   * Makes sure that the blob is there. `onBytes` hears how many of its bytes have travelled, from the first again where a
   * transfer has to begin anew.
   */
  writeBlob(blob: Blob, onBytes?: (count: number) => void): Promise<BlobFate>;
  /**
   * Puts a manifest whose blobs and manifests are there, under its digest alone or under a tag, and reads back which digest
   * the place has it by.
   */
  writeManifest(document: Omit<Document<unknown>, 'value'>, tag?: string): Promise<void>;
}

/** A sink that lists with an image what says something of it. */
export interface ReferrerSink extends ImageSink {
  /**
   * Puts a manifest with a subject. Several may be put at the same time, and are listed in the order in which that was begun.
   * Throws a KdeployError of which `reasonNotTaken` tells whether the place takes no such thing.
   */
  attach(document: Omit<Document<unknown>, 'value'>): Promise<void>;
  /** Why something is not taken, now and for ever; `undefined` for any other error. */
  reasonNotTaken(error: unknown): Error | undefined;
}
