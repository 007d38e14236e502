import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { KdeployError } from '../../../errors.js';
import { fileProblem } from '../../../system-error.js';
import { InvalidZip, LOCAL_HEADER, readCentralDirectory, type ReadAt, type ZipRecord } from './central-directory.js';
import { invalidWheel } from './invalid-wheel.js';

/** A file in a wheel. What the archive says of its size and checksum is true only once its bytes were looked at. */
export interface WheelEntry {
  readonly name: string;
  /** 0: stored; 8: deflated. */
  readonly method: 0 | 8;
  readonly crc32: number;
  readonly compressedSize: number;
  /** Uncompressed bytes. */
  readonly size: number;
  /** Permission bits of Unix, where the archive has any. */
  readonly mode: number | undefined;
  /** The bytes as they are in the archive, compressed or not, as often as they are asked for. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** A wheel's files. Throws KdeployError `build-failed` for one that is damaged. */
export interface WheelArchive {
  /** In the order of their bytes, without folders. */
  readonly entries: readonly WheelEntry[];
  /** A small file's content, verified. */
  read(entry: WheelEntry): Promise<Buffer>;
  /** The first bytes of a file of any size, or all if it is shorter. */
  readStart(entry: WheelEntry, length: number): Promise<Buffer>;
  /** A file's content, verified once the last of it was read. */
  content(entry: WheelEntry): AsyncIterable<Uint8Array>;
  /** Closes the file. Its entries can still be read: each reading opens it then, which takes longer. */
  close(): Promise<void>;
}

const CHUNK_BYTES = 128 * 1024;

/** Far above any metadata; mlflow's RECORD has 200 kB. */
const MAXIMUM_READ_BYTES = 64 * 1024 * 1024;

/** A local header's extra fields may be longer than those of the central directory, but hardly ever by more. */
const USUAL_EXTRA_BYTES = 64;

/**
 * Opens a wheel; `filename` is what it is called in messages. Only the central directory is read. Throws KdeployError
 * `build-failed` for what is not a zip archive that every installer reads the same way, `configuration` for a file that
 * cannot be read.
 */
export async function openWheel(file: string, filename: string = path.basename(file)): Promise<WheelArchive> {
  let shared: FileHandle | undefined = await openFile(file);
  const withFile = async function* (use: (readAt: ReadAt) => AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    const own = shared === undefined ? await openFile(file) : undefined;
    const handle = own ?? shared;
    if (handle === undefined) return;
    try {
      yield* use(readerOf(handle));
    } catch (error) {
      throw problem(error, file, filename);
    } finally {
      await own?.close();
    }
  };
  const content = (entry: WheelEntry) => verified(entry, filename);
  try {
    const { size } = await shared.stat();
    const records = await readCentralDirectory(readerOf(shared), size);
    return {
      entries: records.map((record) => ({
        name: record.name,
        method: record.method,
        crc32: record.crc32,
        compressedSize: record.compressedSize,
        size: record.size,
        mode: record.mode,
        open: () => withFile((readAt) => rawBytes(record, readAt)),
      })),
      content,
      read: async (entry) => {
        if (entry.size > MAXIMUM_READ_BYTES) {
          throw invalidWheel(filename, `${entry.name} is larger than ${MAXIMUM_READ_BYTES / 1024 / 1024} MB`);
        }
        const chunks: Uint8Array[] = [];
        for await (const chunk of content(entry)) chunks.push(chunk);
        return Buffer.concat(chunks);
      },
      readStart: async (entry, length) => {
        let start = Buffer.alloc(0);
        for await (const chunk of content(entry)) {
          start = Buffer.concat([start, chunk]).subarray(0, length);
          if (start.length === length) break;
        }
        return start;
      },
      close: async () => {
        const handle = shared;
        shared = undefined;
        await handle?.close();
      },
    };
  } catch (error) {
    await shared.close();
    throw problem(error, file, filename);
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw fileProblem(error, file) ?? error;
  }
}

function problem(error: unknown, file: string, filename: string): unknown {
  if (error instanceof InvalidZip) return invalidWheel(filename, error.message);
  return fileProblem(error, file) ?? error;
}

function readerOf(handle: FileHandle): ReadAt {
  return async (position, length) => {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) throw new InvalidZip('it ends too early');
      filled += bytesRead;
    }
    return buffer;
  };
}

/** Most files are small: their header and all their bytes come with one read. */
async function* rawBytes(record: ZipRecord, readAt: ReadAt): AsyncGenerator<Buffer> {
  const { name, nameBytes, offset, limit, compressedSize, method } = record;
  const fixed = LOCAL_HEADER.length + nameBytes.length;
  const first = await readAt(
    offset,
    Math.min(limit - offset, Math.max(fixed, Math.min(fixed + USUAL_EXTRA_BYTES + compressedSize, CHUNK_BYTES))),
  );
  const isSame =
    first.readUInt32LE(0) === LOCAL_HEADER.signature &&
    first.readUInt16LE(8) === method &&
    first.readUInt16LE(26) === nameBytes.length &&
    first.subarray(LOCAL_HEADER.length, fixed).equals(nameBytes);
  if (!isSame) throw new InvalidZip(`the two headers of ${JSON.stringify(name)} contradict each other`);
  const start = offset + fixed + first.readUInt16LE(28);
  const end = start + compressedSize;
  if (end > limit) throw new InvalidZip(`${JSON.stringify(name)} reaches into what comes after it`);
  const already = first.subarray(start - offset, end - offset);
  if (already.length > 0) yield already;
  for (let position = start + already.length; position < end; position += CHUNK_BYTES) {
    yield await readAt(position, Math.min(CHUNK_BYTES, end - position));
  }
}

/** The content, which fails at its end where the archive says something else of it. */
async function* verified(entry: WheelEntry, filename: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  let checksum = 0;
  // An empty file may be compressed to nothing at all.
  const isPlain = entry.method === 0 || entry.compressedSize === 0;
  for await (const chunk of isPlain ? entry.open() : inflated(entry, filename)) {
    size += chunk.length;
    if (size > entry.size) break;
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (size !== entry.size || checksum !== entry.crc32) {
    throw invalidWheel(filename, `${entry.name} is damaged`);
  }
}

async function* inflated(entry: WheelEntry, filename: string): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw();
  const done = pipeline(entry.open(), inflate);
  // The loop reports what fails; whoever leaves it early destroys the stream, which is no failure.
  done.catch(() => undefined);
  try {
    for await (const chunk of inflate) yield chunk as Buffer;
  } catch (error) {
    throw error instanceof KdeployError ? error : invalidWheel(filename, `${entry.name} is damaged`, error);
  }
}
