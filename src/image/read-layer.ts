import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Header } from 'tar-stream';
import { KdeployError, messageOf } from '../errors.js';
import { zstdFrames, type ZstdDecoder } from './zstd-frames.js';

/** A file, a folder or a link in a layer. */
export interface LayerEntry {
  /** In the image, without the first slash. */
  readonly path: string;
  /** `file`, `directory`, `symlink`, `link` and others; `null` for what no specification names. */
  readonly type: string | null;
  readonly size: number;
  /** Permission bits, with those for set-user-ID, set-group-ID and sticky: `0o755`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** What a link leads to: of a `symlink` its target as it is written, of a `link` (a hard one) another path of the image. */
  readonly linkname: string | undefined;
  readonly modified: Date | undefined;
  /** All of a file, in memory: for one whose size is known to be small. */
  readonly content: () => Promise<Buffer>;
  /** A file piece by piece, for one of any size; taken once, before `visit` is done. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/**
 * Goes through a layer, a TAR that may be compressed, entry by entry; what `visit` does not ask for is passed over, so the
 * size of the layer does not matter. `false` where it is compressed in a way that this Node.js cannot read: then nothing was
 * visited. Throws KdeployError `image-not-found` for anything that is not a layer, and what reading its bytes throws.
 */
export async function readLayer(
  bytes: AsyncIterable<Uint8Array>,
  visit: (entry: LayerEntry) => Promise<void> | void,
): Promise<boolean> {
  const [{ extract }, { first, all }] = await Promise.all([import('tar-stream'), peek(bytes)]);
  const decompress = decompressorFor(first);
  if (decompress === 'unknown') {
    // Whoever hands the bytes over waits for all of them to be taken.
    await finished(Readable.from(all).resume());
    return false;
  }
  const tar = extract();
  const read = (async () => {
    for await (const entry of tar) {
      const { name, type, size, mode, mtime } = entry.header;
      const { linkname } = entry.header as { linkname?: string | null };
      const { uid, gid } = ownerOf(entry.header);
      await visit({
        ...{ path: withoutRoot(name), type, size, mode: mode & 0o7777, uid, gid },
        linkname: type === 'link' ? withoutRoot(linkname ?? '') : (linkname ?? undefined),
        modified: mtime,
        content: () => contentOf(entry),
        bytes: () => entry as AsyncIterable<Uint8Array>,
      });
      // Nothing happens where all of it was taken.
      entry.resume();
    }
  })();
  const source = Readable.from(all, { objectMode: false });
  try {
    await Promise.all([decompress === undefined ? pipeline(source, tar) : pipeline(source, decompress, tar), read]);
  } catch (error) {
    tar.destroy();
    await read.catch(() => undefined);
    if (error instanceof KdeployError || !isFormatError(error)) throw error;
    throw new KdeployError('image-not-found', `a layer of the image cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return true;
}

/** IDs above 2097151 are in a pax header (pax(1), "uid"), which tar-stream reads and does not apply. */
function ownerOf({
  uid,
  gid,
  pax,
}: Pick<Header, 'uid' | 'gid'> & { readonly pax?: unknown }): Pick<LayerEntry, 'uid' | 'gid'> {
  const records = (pax ?? {}) as Readonly<Record<string, string | undefined>>;
  const numberIn = (text: string | undefined) =>
    text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return { uid: numberIn(records.uid) ?? uid, gid: numberIn(records.gid) ?? gid };
}

function withoutRoot(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

/** A connection that breaks is the reader's to retry; only what the bytes themselves are is said here. */
function isFormatError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^Z(?:STD)?_/.test(code) || /tar header|Unexpected end of data|Invalid/i.test(messageOf(error));
}

async function contentOf(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Each piece crosses a thread: with the 16 KiB that zlib hands on otherwise, that takes longer than to inflate them. */
const INFLATED_AT_ONCE_BYTES = 256 * 1024;

/** The first bytes show how it is compressed, whatever the media type says. */
function decompressorFor(first: Uint8Array): Decompressor | 'unknown' | undefined {
  const [a, b] = first;
  if (a === 0x1f && b === 0x8b) return createGunzip({ chunkSize: INFLATED_AT_ONCE_BYTES });
  if (!isZstd(first)) return undefined;
  // Node knows zstd from version 22.15 on.
  const create: unknown = Reflect.get(process.getBuiltinModule('node:zlib'), 'createZstdDecompress');
  if (typeof create !== 'function') return 'unknown';
  return (bytes) => zstdFrames(bytes, create as () => ZstdDecoder);
}

type Decompressor = NodeJS.ReadWriteStream | ((bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>);

/** A frame, or one that is to be skipped, with which pzstd begins (RFC 8878, 3.1.1 and 3.1.2). */
function isZstd([a = 0, b, c, d]: Uint8Array): boolean {
  return (
    (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) || (a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18)
  );
}

/** The longest of the marks by which a compression is known. */
const MARK_BYTES = 4;

/** The first bytes, however small the pieces are that they come in. */
async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ first: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array();
  while (first.length < MARK_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield first;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { first, all: all() };
}
