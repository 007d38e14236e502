import type { Digest } from './digest.js';

/** A JSON document by which an image is known: its digest names its bytes, so they are kept as they were read. */
export interface Document<Value> {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
  /** What kdeploy knows of it. */
  readonly value: Value;
}
