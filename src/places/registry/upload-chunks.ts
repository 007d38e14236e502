import type { Blob } from '../../image/blob.js';
import { pushScope } from './authorizer.js';
import { ConnectionError } from './connection-error.js';
import { commit, locationOf, MAXIMUM_BYTES, type Upload, type UploadParts } from './open-upload.js';
import { RegistryError } from './registry-error.js';
import type { Reply } from './transport.js';

/** A registry that takes less than a chunk so many times for one blob is not believed any more. */
const MAXIMUM_SHORT_ANSWERS = 8;

/**
 * What a registry says of how much it has, for one blob. Some say nothing true: ECR's count stands still although all bytes
 * arrive (aws/containers-roadmap#2831), some count the chunk, others the blob (oras-project/rust-oci-client#35). So it is
 * taken as a hint, and where the digest shows that it was wrong, no more is taken.
 */
export class Hints {
  /** Whether the next byte to send was chosen by what the registry said. */
  wereTaken = false;
  #areBelieved = true;
  #shortAnswers = 0;

  distrust(): void {
    this.wereTaken = false;
    this.#areBelieved = false;
  }

  /** How many bytes of the blob the registry says to have, between these two; `undefined` where it says nothing of use. */
  received({ headers }: Reply, from: number, to: number): number | undefined {
    if (!this.#areBelieved) return undefined;
    const end = Number(/^(?:bytes[= ])?0-(\d{1,15})$/.exec(headers.get('range') ?? '')?.[1] ?? 0);
    // `0-0` is one byte to some, and none to others.
    if (end === 0 || end + 1 < from || end + 1 > to) return undefined;
    this.wereTaken = true;
    return end + 1;
  }

  /** How far a chunk came that was taken: all of it, unless the registry says that it moved on by less. */
  after(reply: Reply, from: number, to: number): number {
    if (this.#shortAnswers >= MAXIMUM_SHORT_ANSWERS) return to;
    const received = to - from > 1 ? this.received(reply, from + 1, to - 1) : undefined;
    if (received !== undefined) this.#shortAnswers += 1;
    return received ?? to;
  }
}

export interface Received {
  readonly upload: Upload;
  /** How many of the blob's first bytes are there. */
  readonly received: number;
}

/** What an upload has, where the connection broke; `undefined` where the registry cannot say. Throws any other error. */
export async function askReceived(
  { location, chunkBytes }: Upload,
  from: number,
  to: number,
  hints: Hints,
  { session, repository, what }: UploadParts,
): Promise<Received | undefined> {
  try {
    const reply = await session.send({
      method: 'GET',
      path: location,
      scope: pushScope(repository),
      expect: [200, 202, 204],
      maximumBytes: MAXIMUM_BYTES,
      what,
    });
    const received = hints.received(reply, from, to);
    if (received === undefined) return undefined;
    return { received, upload: { chunkBytes, location: locationOf(reply, session) ?? location } };
  } catch (error) {
    // It does not know the upload any more, or not this question.
    if (error instanceof RegistryError && ![401, 403].includes(error.status)) return undefined;
    throw error;
  }
}

/**
 * The blob from this byte on in PATCHes, one after the other, and a PUT that ends them. Where one of them breaks off, or the
 * registry wants another byte next (416), it is asked how far it came.
 */
export async function sendChunks(
  blob: Blob,
  begun: { readonly upload: Upload; readonly offset: number },
  hints: Hints,
  parts: UploadParts,
  onBytes: (count: number) => void,
): Promise<void> {
  const { session } = parts;
  let { upload, offset: sent } = begun;
  for await (const piece of inPieces(after(sent, blob.open()), upload.chunkBytes)) {
    const end = sent + piece.length;
    for (let attempt = 1; sent < end; attempt++) {
      const before = sent;
      const rest = piece.subarray(piece.length - (end - sent));
      try {
        const reply = await patch(upload.location, rest, sent, parts);
        upload = { ...upload, location: locationOf(reply, session) ?? upload.location };
        sent = hints.after(reply, sent, end);
      } catch (error) {
        if (!(error instanceof ConnectionError || error instanceof RegistryError)) throw error;
        const isElsewhere = error instanceof RegistryError && error.status === 416 && attempt === 1;
        if (!isElsewhere) await session.transport.again(error, attempt);
        const state = await askReceived(upload, sent, end, hints, parts);
        if (state === undefined) throw error;
        ({ upload, received: sent } = state);
      }
      if (sent > before) attempt = 0;
      onBytes(sent);
    }
  }
  await commit(upload.location, blob, parts);
}

async function patch(path: URL, chunk: Uint8Array, offset: number, parts: UploadParts): Promise<Reply> {
  const { session, repository, what } = parts;
  const range = `${offset}-${offset + chunk.length - 1}`;
  return session.send({
    method: 'PATCH',
    path,
    scope: pushScope(repository),
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Range': range },
    // As a stream, which is tried once: a PATCH that is sent twice would be there twice.
    body: () => ({ size: chunk.length, chunks: onlyOne(chunk) }),
    expect: [200, 201, 202, 204],
    maximumBytes: MAXIMUM_BYTES,
    what,
  });
}

async function* onlyOne(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(chunk);
}

/** Without so many of the first bytes: they are read, for a source cannot be entered in its midst. */
async function* after(count: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let skipped = 0;
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(chunk.length, count - skipped));
    skipped += chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

/** The same bytes in pieces of one size; the last may be smaller. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (length + rest.length >= size) {
      yield Buffer.concat([...kept, rest.subarray(0, size - length)]);
      rest = rest.subarray(size - length);
      [kept, length] = [[], 0];
    }
    if (rest.length > 0) kept.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(kept);
}
