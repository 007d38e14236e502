import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileCache } from '../../../cache/file-cache.js';

/** A file in the cache, under the SHA-256 of its content. */
export interface KeptFile {
  readonly file: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** Wheels, and archives that wheels are built from. */
export type KeptKind = 'wheels' | 'sdists';

const READ_BYTES = 256 * 1024;

/** What is kept under this hash; `undefined`: nothing is, or something else, which is thrown away. */
export async function findKept(cache: FileCache, kind: KeptKind, sha256: string): Promise<KeptFile | undefined> {
  const file = await cache.find(kind, sha256);
  if (file === undefined) return undefined;
  const found = await hashOf(readFileStream(file)).catch(() => undefined);
  if (found?.sha256 === sha256) return { file, ...found };
  await cache.discard(kind, sha256);
  return undefined;
}

/** Keeps content whose hash is known once it has been read: a file of the cache itself, or of a build. */
export async function keepFile(cache: FileCache, kind: KeptKind, source: string): Promise<KeptFile> {
  const { sha256 } = await hashOf(readFileStream(source));
  const kept = await findKept(cache, kind, sha256);
  if (kept !== undefined) return kept;
  let size = 0;
  const hash = createHash('sha256');
  const file = await cache.keep(
    kind,
    sha256,
    noted(readFileStream(source), (chunk) => {
      size += chunk.length;
      hash.update(chunk);
    }),
  );
  if (hash.digest('hex') === sha256) return { file, sha256, size };
  // It was changed between the two times that it was read.
  await cache.discard(kind, sha256);
  return keepFile(cache, kind, source);
}

export function readFileStream(file: string): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
}

export async function hashOf(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    hash.update(chunk);
  }
  return { sha256: hash.digest('hex'), size };
}

/** For what is kept by a URL or a recipe. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Content that somebody watches on its way. */
export async function* noted(
  content: AsyncIterable<Uint8Array>,
  note: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    note(chunk);
    yield chunk;
  }
}
