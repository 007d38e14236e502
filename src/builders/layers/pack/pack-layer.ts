import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { KdeployError } from '../../../errors.js';
import type { Digest } from '../../../image/digest.js';
import { deflate, deflatePart, LAST_BLOCK } from './deflate.js';
import type { Content, ImageEntry } from './image-entry.js';
import { inflated } from './inflated.js';
import { paddingAfter, sizeOf, TAR_END, tarHeader } from './tar-header.js';

/**
 * `members`: each compressed file of a wheel becomes a gzip member of its own, and nothing is compressed again (RFC 1952, 2.2:
 * members follow one another). `single`: one member, compressed by kdeploy, for readers that stop after the first. The tar in
 * both is the same, and with it the diff ID.
 */
export const GZIP_FORMS = ['members', 'single'] as const;
export type GzipForm = (typeof GZIP_FORMS)[number];

export interface PackedLayer {
  /** Its gzip bytes, once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What it is called, when all its bytes were read. */
  readonly facts: () => LayerFacts;
}

export interface LayerFacts {
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Compressed bytes. */
  readonly size: number;
}

/** No name, no time, unknown system (RFC 1952, 2.3). */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** What is gathered before it is compressed: a deflate block gains little from more. */
const PLAIN_BYTES = 256 * 1024;
/** What is handed on at once: each step of a stream costs. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Packs entries as a gzip layer, in their order. The same entries give the same bytes on every machine. Throws KdeployError
 * `build-failed` for content that is not what it says it is, and what reading it throws.
 */
export function packLayer(entries: Iterable<ImageEntry> | AsyncIterable<ImageEntry>, form: GzipForm): PackedLayer {
  const packing = form === 'members' ? new Members() : new Single();
  let facts: LayerFacts | undefined;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const digest = createHash('sha256');
    let size = 0;
    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;
    for await (const chunk of packed(entries, packing)) {
      digest.update(chunk);
      size += chunk.length;
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < CHUNK_BYTES) continue;
      yield Buffer.concat(waiting);
      [waiting, waitingBytes] = [[], 0];
    }
    yield Buffer.concat(waiting);
    facts = { digest: `sha256:${digest.digest('hex')}`, diffId: packing.diffId(), size };
  }
  return {
    bytes: bytes(),
    facts: () => {
      if (facts === undefined) throw new Error('the layer has not been read to its end');
      return facts;
    },
  };
}

async function* packed(
  entries: Iterable<ImageEntry> | AsyncIterable<ImageEntry>,
  packing: Packing,
): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    yield* packing.plain(tarHeader(entry));
    if (entry.type !== 'file') continue;
    const { content } = entry;
    if (content.kind === 'bytes') yield* packing.plain(content.bytes);
    else if (content.kind === 'deflated') yield* packing.deflated(content, entry.path);
    else yield* streamed(content, entry.path, packing);
    const padding = paddingAfter(sizeOf(entry));
    if (padding > 0) yield* packing.plain(TAR_END.subarray(0, padding));
  }
  yield* packing.plain(TAR_END);
  yield* packing.end();
}

async function* streamed(
  { size, open }: Content & { readonly kind: 'stream' },
  path: string,
  packing: Packing,
): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of open()) {
    left -= chunk.length;
    // A tar has the size before the content.
    if (left < 0) break;
    yield* packing.plain(chunk);
  }
  if (left !== 0)
    throw new KdeployError('build-failed', `${path} changed while it was read`, {
      hint: 'make sure that nothing writes to it during the build, or exclude it in .dockerignore',
    });
}

/** A way to compress a tar that comes in pieces. */
abstract class Packing {
  readonly #diff = createHash('sha256');
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  diffId(): Digest {
    return `sha256:${this.#diff.digest('hex')}`;
  }

  *plain(bytes: Uint8Array): Generator<Uint8Array> {
    this.#diff.update(bytes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    // Always as much at once, whatever the pieces are that it comes in: the compressed bytes depend on it.
    for (; this.#pendingBytes >= PLAIN_BYTES;) {
      const all = Buffer.concat(this.#pending);
      [this.#pending, this.#pendingBytes] = [[all.subarray(PLAIN_BYTES)], all.length - PLAIN_BYTES];
      yield* this.compress(all.subarray(0, PLAIN_BYTES));
    }
  }

  abstract deflated(content: Content & { readonly kind: 'deflated' }, path: string): AsyncGenerator<Uint8Array>;

  abstract end(): Generator<Uint8Array>;

  protected abstract compress(bytes: Uint8Array): Iterable<Uint8Array>;

  protected *flush(): Generator<Uint8Array> {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending);
    [this.#pending, this.#pendingBytes] = [[], 0];
    yield* this.compress(bytes);
  }

  protected count(bytes: Uint8Array): void {
    this.#diff.update(bytes);
  }
}

class Members extends Packing {
  /** The file's own deflate stream between a gzip header and a trailer: checked on the way, for the trailer repeats what the wheel says of it. */
  async *deflated(content: Content & { readonly kind: 'deflated' }, path: string): AsyncGenerator<Uint8Array> {
    if (content.size === 0) {
      // Nothing of it goes into the layer, but it has to be what the wheel says as well.
      for await (const { plain } of inflated(content, path)) this.count(plain);
      return;
    }
    yield* this.flush();
    yield GZIP_HEADER;
    for await (const { compressed, plain } of inflated(content, path)) {
      this.count(plain);
      yield compressed;
    }
    yield trailer(content.crc32, content.size);
  }

  *end(): Generator<Uint8Array> {
    yield* this.flush();
  }

  protected *compress(bytes: Uint8Array): Iterable<Uint8Array> {
    yield GZIP_HEADER;
    yield deflate(bytes);
    yield trailer(crc32(bytes), bytes.length);
  }
}

class Single extends Packing {
  #crc = 0;
  #size = 0;

  async *deflated(content: Content & { readonly kind: 'deflated' }, path: string): AsyncGenerator<Uint8Array> {
    for await (const { plain } of inflated(content, path)) yield* this.plain(plain);
  }

  *end(): Generator<Uint8Array> {
    yield* this.flush();
    yield LAST_BLOCK;
    yield trailer(this.#crc, this.#size);
  }

  protected *compress(bytes: Uint8Array): Iterable<Uint8Array> {
    if (this.#size === 0) yield GZIP_HEADER;
    this.#crc = crc32(bytes, this.#crc);
    this.#size += bytes.length;
    yield deflatePart(bytes);
  }
}

/** CRC-32, and the size modulo 2^32 (RFC 1952, 2.3.1). */
function trailer(crc: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc, 0);
  bytes.writeUInt32LE(size % 2 ** 32, 4);
  return bytes;
}
