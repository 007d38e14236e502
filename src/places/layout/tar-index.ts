import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { KdeployError } from '../../errors.js';
import { readPaxRecords, readTarHeader, TAR_BLOCK, textOf, type TarHeader } from './tar-header.js';

/** Where a TAR file has what goes by a name; `ambiguous` for two of one name, of which some tools read the first, some the last. */
export type TarEntry =
  | { readonly kind: 'file'; readonly offset: number; readonly size: number }
  /** `undefined` where it leads out of the file. */
  | { readonly kind: 'link'; readonly target: string | undefined }
  | { readonly kind: 'ambiguous' };

/** An archive of hundreds of images has a few thousand files. */
const MAXIMUM_ENTRIES = 100_000;
const MAXIMUM_EXTENSION_BYTES = 1024 * 1024;
/** Nobody asks for a longer one; it is not kept. */
const MAXIMUM_NAME_LENGTH = 1024;

/** pax' own headers, for the next entry and for all; GNU's long names and long targets of links. */
const EXTENSIONS = ['x', 'g', 'L', 'K'];
/** Links, devices, folders and pipes: a size that they have says nothing. */
const WITHOUT_BYTES = ['1', '2', '3', '4', '5', '6'];

/** What compresses a file, by its first bytes. */
const COMPRESSIONS: readonly [name: string, tool: string, magic: string][] = [
  ['gzip', 'gunzip', '1f8b'],
  ['zstd', 'unzstd', '28b52ffd'],
  ['xz', 'unxz', 'fd377a58'],
  ['bzip2', 'bunzip2', '425a68'],
];

/**
 * Reads the headers of a TAR file, and nothing between them. Names that lead out of it, which nobody asks for, are left out.
 * Throws KdeployError `image-not-found` for a file that is none, or is cut.
 */
export async function indexTar(handle: FileHandle, path: string): Promise<ReadonlyMap<string, TarEntry>> {
  const { size } = await handle.stat();
  const index = new Map<string, TarEntry>();
  let more: Partial<TarHeader> = {};
  for (let offset = 0, entries = 0; offset < size; entries++) {
    if (entries > MAXIMUM_ENTRIES) throw unreadable(path, 'has more files in it than any image');
    const header = readTarHeader(await read(handle, offset, TAR_BLOCK));
    if (header === 'end' && offset > 0) break;
    if (header === undefined || header === 'end') {
      if (offset === 0) throw await notTar(handle, path);
      if (size - offset < TAR_BLOCK) throw cut(path);
      throw unreadable(path, `is damaged: it has no header at byte ${offset}`);
    }
    const isExtension = EXTENSIONS.includes(header.type);
    const entry = isExtension ? header : { ...header, ...more };
    const start = offset + TAR_BLOCK;
    // As Go's archive/tar does it, with which most of these files are written.
    const length = WITHOUT_BYTES.includes(header.type) ? 0 : entry.size;
    if (start + length > size) throw cut(path);
    if (!isExtension) add(index, entry, start);
    more = isExtension ? { ...more, ...(await saidOfNext(handle, start, header, path)) } : {};
    offset = start + Math.ceil(length / TAR_BLOCK) * TAR_BLOCK;
  }
  return index;
}

/** What an entry says of the next one. */
async function saidOfNext(
  handle: FileHandle,
  start: number,
  { type, size }: TarHeader,
  path: string,
): Promise<Partial<TarHeader>> {
  if (type === 'g') return {};
  if (size > MAXIMUM_EXTENSION_BYTES) throw unreadable(path, 'has a name longer than any image needs');
  const bytes = await read(handle, start, size);
  if (type === 'L') return { name: textOf(bytes) };
  if (type === 'K') return { target: textOf(bytes) };
  const records = readPaxRecords(bytes);
  const [name, target, length] = ['path', 'linkpath', 'size'].map((key) => records?.get(key));
  const isLength = length === undefined || (/^\d+$/.test(length) && Number.isSafeInteger(Number(length)));
  if (records === undefined || !isLength) throw unreadable(path, 'is damaged: a pax header in it cannot be read');
  return {
    ...(name !== undefined && { name }),
    ...(target !== undefined && { target }),
    ...(length !== undefined && { size: Number(length) }),
  };
}

function add(index: Map<string, TarEntry>, { name, size, type, target }: TarHeader, offset: number): void {
  const key = inside(name);
  if (key === undefined || name.length > MAXIMUM_NAME_LENGTH) return;
  if (name.endsWith('/') || !['0', '1', '2'].includes(type)) return;
  const folder = type === '2' ? posix.dirname(key) : '.';
  const entry: TarEntry =
    type === '0'
      ? { kind: 'file', offset, size }
      : { kind: 'link', target: target.startsWith('/') ? undefined : inside(posix.join(folder, target)) };
  index.set(key, index.has(key) ? { kind: 'ambiguous' } : entry);
}

/** A name without `./`; `undefined` where it leads out. */
export function inside(name: string): string | undefined {
  if (name.startsWith('/')) return undefined;
  const normal = posix.normalize(name);
  return normal === '..' || normal.startsWith('../') ? undefined : normal;
}

/** Fewer where the file ends. */
async function read(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

async function notTar(handle: FileHandle, path: string): Promise<KdeployError> {
  const first = (await read(handle, 0, 8)).toString('hex');
  const [name, tool] = COMPRESSIONS.find(([, , magic]) => first.startsWith(magic)) ?? [];
  if (name === undefined) return unreadable(path, 'is not a TAR file');
  return new KdeployError('image-not-found', `${path} is compressed with ${name}, so no layer can be read by itself`, {
    hint: `uncompress it first: ${tool ?? ''} ${path}`,
  });
}

function cut(path: string): KdeployError {
  return unreadable(path, 'is damaged: it ends in the middle of a file');
}

function unreadable(path: string, why: string): KdeployError {
  return new KdeployError('image-not-found', `${path} ${why}`, { hint: 'write the image again, or correct the path' });
}
