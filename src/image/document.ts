import { digestOf, type Digest } from './digest.js';
import { editJson, type JsonEdit } from './edit-json.js';

/** A JSON document by which an image is known: its digest names its bytes, so they are kept as they were read. */
export interface Document<Value> {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
  /** What kdeploy knows of it. */
  readonly value: Value;
}

/** Reads the bytes of a value: `parseImageConfig`, `parseManifest`. Throws what is wrong with them, for `what`. */
export type Parse<Value> = (bytes: Buffer, mediaType: string, what: string) => Value;

/**
 * The document with some values set, every other byte as it was; the same document where the edits change nothing. Throws
 * what `editJson` and `parse` throw.
 */
export function editDocument<Value>(
  document: Document<Value>,
  edits: readonly JsonEdit[],
  parse: Parse<Value>,
  what: string,
): Document<Value> {
  const bytes = editJson(document.bytes, edits, what);
  if (bytes.equals(document.bytes)) return document;
  const { mediaType } = document;
  return { bytes, mediaType, digest: digestOf(bytes), value: parse(bytes, mediaType, what) };
}
