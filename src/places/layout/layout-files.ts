import { KdeployError } from '../../errors.js';
import { parseDigest, type Digest } from '../../image/digest.js';

/** A file of a layout or an archive. */
export interface StoredFile {
  readonly size: number;
  /** Its bytes, as often as they are asked for; fewer than its size where the file was cut. */
  open(): AsyncIterable<Uint8Array>;
}

/** The files of a layout or an archive: a folder, or a TAR file. */
export interface LayoutFiles {
  /** As the user wrote it, for messages. */
  readonly path: string;
  /**
   * `undefined` where there is no such file. Throws KdeployError `image-not-found` for what is none by that name alone: a
   * link, a folder, two files.
   */
  find(name: string): Promise<StoredFile | undefined>;
}

/** What registries take as a manifest (distribution spec, "Pushing Manifests"); an index.json is one, too. */
const MAXIMUM_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** Where a layout has a blob (image-layout.md, "Blobs"). Nothing but a digest becomes part of a path. */
export function blobPath(digest: Digest): string {
  return `blobs/${parseDigest(digest).replace(':', '/')}`;
}

/** Reads a JSON document, which is kept in memory; `undefined` where there is none. Throws KdeployError `image-not-found`. */
export async function readDocument(
  files: LayoutFiles,
  name: string,
  maximumBytes = MAXIMUM_DOCUMENT_BYTES,
): Promise<Buffer | undefined> {
  const file = await files.find(name);
  if (file === undefined) return undefined;
  if (file.size > maximumBytes)
    throw new KdeployError(
      'image-not-found',
      `${name} in ${files.path} is larger than any image needs: ${file.size} bytes`,
    );
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
