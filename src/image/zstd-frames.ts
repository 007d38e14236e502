import type { Transform } from 'node:stream';

/** What `createZstdDecompress` of node:zlib returns, as far as it is used here. */
export type ZstdDecoder = Transform & { readonly bytesWritten: number };

/**
 * The bytes behind all frames of a zstd stream: frames may follow one another, as in layers that Podman makes (zstd:chunked has
 * one for each file) and in those of pzstd (RFC 8878, 3.1). Node's decoder stops without an error behind the first one that
 * ends in the middle of a piece.
 */
export async function* zstdFrames(
  bytes: AsyncIterable<Uint8Array>,
  create: () => ZstdDecoder,
): AsyncGenerator<Uint8Array> {
  let frame = new Frame(create());
  try {
    for await (const piece of bytes) {
      let rest = piece;
      while (rest.length > 0) {
        const taken = await frame.write(rest);
        yield* frame.take();
        rest = rest.subarray(taken);
        if (rest.length === 0) continue;
        frame.close();
        frame = new Frame(create());
      }
    }
    await frame.end();
    yield* frame.take();
  } finally {
    frame.close();
  }
}

class Frame {
  readonly #decoder: ZstdDecoder;
  readonly #failed: Promise<never>;
  #plain: Uint8Array[] = [];

  constructor(decoder: ZstdDecoder) {
    this.#decoder = decoder;
    decoder.on('data', (chunk: Uint8Array) => this.#plain.push(chunk));
    this.#failed = new Promise<never>((_, reject) => decoder.once('error', reject));
    this.#failed.catch(() => undefined);
  }

  /** How many of the bytes belong to it. */
  async write(bytes: Uint8Array): Promise<number> {
    const before = this.#decoder.bytesWritten;
    const written = new Promise<void>((resolve) => {
      this.#decoder.write(bytes, () => {
        resolve();
      });
    });
    await Promise.race([written, this.#failed]);
    return this.#decoder.bytesWritten - before;
  }

  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#decoder.once('end', resolve));
    this.#decoder.end();
    await Promise.race([ended, this.#failed]);
  }

  *take(): Generator<Uint8Array> {
    const plain = this.#plain;
    this.#plain = [];
    yield* plain;
  }

  close(): void {
    this.#decoder.destroy();
  }
}
