import type { Document } from '../../image/document.js';
import type { IndexEntry } from '../../image/manifest.js';
import type { ReferrerSink } from '../../image/sink.js';

/** The file that lists the images of a layout (OCI image spec, image-layout.md, "index.json file"). */
export const INDEX_FILE = 'index.json';

/** A layout to be written to, in a folder or in a TAR file. */
export interface ListingSink extends ReferrerSink {
  /**
   * Lists an image that gets no tag, to be found by its digest: one that no index lists is none of the layout's, and a layout
   * has to have an index (OCI image spec, image-layout.md).
   */
  list(document: Omit<Document<unknown>, 'value'>): Promise<void>;
}

/** How an index lists a manifest. */
export function entryOf({ mediaType, digest, bytes }: Omit<Document<unknown>, 'value'>): IndexEntry {
  return { mediaType, digest, size: bytes.length };
}
