import { crc32, createInflateRaw, inflateRawSync, type InflateRaw } from 'node:zlib';
import { KdeployError } from '../../../errors.js';
import type { Content } from './image-entry.js';

type Deflated = Content & { readonly kind: 'deflated' };

/** What is larger is not held in memory. */
const HELD_BYTES = 4 * 1024 * 1024;
/** Compressed data is hardly ever larger than what it stands for; a wheel may say anything. */
const MOST_COMPRESSED_BYTES = 2 * HELD_BYTES;

/** A piece of a deflate stream, and of what it stands for. */
export interface InflatedPiece {
  readonly compressed: Uint8Array;
  readonly plain: Uint8Array;
}

/**
 * Goes through a file of a wheel as it is stored and as it will be. Throws KdeployError `build-failed` where the two are not what
 * the wheel's directory says: the trailer of a gzip member repeats it, and a reader would stop there.
 */
export async function* inflated(content: Deflated, path: string): AsyncGenerator<InflatedPiece> {
  try {
    if (content.size <= HELD_BYTES) yield await atOnce(content);
    else yield* inPieces(content);
  } catch (error) {
    if (!isDataError(error)) throw error;
    throw new KdeployError('build-failed', `${path} is damaged in its wheel`, {
      cause: error,
      hint: 'download it again with an empty cache: `kdeploy cache prune --all`; if that fails, the wheel was built wrong',
    });
  }
}

class DamagedError extends Error {}

function isDataError(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
}

async function atOnce({ open, size, crc32: expected }: Deflated): Promise<InflatedPiece> {
  const chunks: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of open()) {
    chunks.push(chunk);
    held += chunk.length;
    if (held > MOST_COMPRESSED_BYTES) throw new DamagedError('its compressed data is too long for its size');
  }
  const compressed = Buffer.concat(chunks);
  // Some archivers store an empty file so, and installers take it (Python's zipfile).
  if (held === 0 && size === 0 && expected === 0) return { compressed, plain: compressed };
  // At least one, for a buffer of none is not allowed.
  const options = { info: true, maxOutputLength: size + 1 } as const;
  const { buffer, engine } = inflateRawSync(compressed, options) as unknown as { buffer: Buffer; engine: InflateRaw };
  verify(
    { size: buffer.length, crc: crc32(buffer), consumed: engine.bytesWritten },
    { size, crc: expected, consumed: compressed.length },
  );
  return { compressed, plain: buffer };
}

async function* inPieces({ open, size, crc32: expected }: Deflated): AsyncGenerator<InflatedPiece> {
  const inflate = createInflateRaw();
  let plain: Uint8Array[] = [];
  inflate.on('data', (chunk: Uint8Array) => plain.push(chunk));
  // After an error, the write that it happened in is never told of.
  const failed = new Promise<never>((_, reject) => inflate.once('error', reject));
  failed.catch(() => undefined);
  const ended = new Promise<void>((resolve) => inflate.once('end', resolve));
  const found = { size: 0, crc: 0, consumed: 0 };
  let given = 0;
  const take = (): Buffer => {
    const bytes = Buffer.concat(plain);
    plain = [];
    found.size += bytes.length;
    found.crc = crc32(bytes, found.crc);
    if (found.size > size) throw new DamagedError('it is larger than the wheel says');
    return bytes;
  };
  try {
    for await (const compressed of open()) {
      given += compressed.length;
      const written = new Promise<void>((resolve) => {
        inflate.write(compressed, () => {
          resolve();
        });
      });
      await Promise.race([written, failed]);
      yield { compressed, plain: take() };
    }
    inflate.end();
    await Promise.race([ended, failed]);
    yield { compressed: new Uint8Array(), plain: take() };
    found.consumed = inflate.bytesWritten;
  } finally {
    inflate.destroy();
  }
  verify(found, { size, crc: expected, consumed: given });
}

interface Measures {
  readonly size: number;
  readonly crc: number;
  /** Of the compressed bytes: more after the end of the stream would stand where the trailer has to be. */
  readonly consumed: number;
}

function verify(found: Measures, expected: Measures): void {
  if (found.size !== expected.size) throw new DamagedError(`it has ${found.size} bytes instead of ${expected.size}`);
  if (found.crc !== expected.crc) throw new DamagedError('its checksum is not the one that the wheel has for it');
  if (found.consumed !== expected.consumed) throw new DamagedError('its compressed data has something after its end');
}
