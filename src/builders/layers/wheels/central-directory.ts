/** A file in a zip archive, as the central directory has it: the local headers only say where its bytes begin. */
export interface ZipRecord {
  readonly name: string;
  /** As it is written, to be compared with the local header's. */
  readonly nameBytes: Buffer;
  /** Stored or deflated. */
  readonly method: 0 | 8;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Permission bits of Unix, where the archive has any. */
  readonly mode: number | undefined;
  /** Where its local header begins. */
  readonly offset: number;
  /** Where the next one's, or the central directory, begins. */
  readonly limit: number;
}

/** Reads exactly this many bytes, or throws. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** Why a zip archive is refused. */
export class InvalidZip extends Error {}

const END = { signature: 0x06054b50, length: 22 };
const ZIP64_END = { signature: 0x06064b50, length: 56 };
const ZIP64_LOCATOR = { signature: 0x07064b50, length: 20 };
const RECORD = { signature: 0x02014b50, length: 46 };
export const LOCAL_HEADER = { signature: 0x04034b50, length: 30 };

const MAXIMUM_COMMENT = 0xffff;

/** Bits of the general purpose flag (APPNOTE.TXT 4.4.4): encrypted, patched data, strong encryption, masked headers. */
const REFUSED_FLAGS = 0x2061;
const UTF8_FLAG = 0x800;

/** Stands in a field of 16 or 32 bits whose value is in the Zip64 structures. */
const ELSEWHERE_16 = 0xffff;
const ELSEWHERE_32 = 0xffffffff;

interface Directory {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

/**
 * The files of a zip archive (PKWARE's APPNOTE.TXT 6.3.10), without its folders. Programs that read archives differ in
 * what they make of odd ones, so all that could be read in two ways is refused. Throws `InvalidZip`.
 */
export async function readCentralDirectory(readAt: ReadAt, fileSize: number): Promise<ZipRecord[]> {
  const directory = await findDirectory(readAt, fileSize);
  const bytes = await readAt(directory.offset, directory.length);
  const records: Omit<ZipRecord, 'limit'>[] = [];
  let position = 0;
  while (position < bytes.length) {
    const { record, length } = readRecord(bytes.subarray(position), records.length);
    records.push(record);
    position += length;
  }
  if (records.length !== directory.count) {
    throw new InvalidZip(`it has ${records.length} entries, but says that it has ${directory.count}`);
  }
  assertNamesFit(records);
  return withLimits(records, directory.offset).filter(({ name }) => !name.endsWith('/'));
}

async function findDirectory(readAt: ReadAt, fileSize: number): Promise<Directory> {
  const tailLength = Math.min(fileSize, ZIP64_LOCATOR.length + END.length + MAXIMUM_COMMENT);
  const tailStart = fileSize - tailLength;
  const tail = await readAt(tailStart, tailLength);
  const position = findEnd(tail);
  if (position === undefined) throw new InvalidZip('it is not a zip archive, or not a whole one');
  const end = {
    disks: [tail.readUInt16LE(position + 4), tail.readUInt16LE(position + 6)],
    counts: [tail.readUInt16LE(position + 8), tail.readUInt16LE(position + 10)],
    length: tail.readUInt32LE(position + 12),
    offset: tail.readUInt32LE(position + 16),
  };
  const locator = position - ZIP64_LOCATOR.length;
  const isZip64 = locator >= 0 && tail.readUInt32LE(locator) === ZIP64_LOCATOR.signature;
  const found = isZip64
    ? await zip64Directory(readAt, tail.subarray(locator, position), tailStart + locator)
    : { ...end, start: tailStart + position };
  if (isZip64) {
    const agree = (short: number, long: number | undefined, elsewhere: number) => short === long || short === elsewhere;
    const pairs = [0, 1].flatMap((index): [number, number | undefined, number][] => [
      [end.disks[index] ?? 0, found.disks[index], ELSEWHERE_16],
      [end.counts[index] ?? 0, found.counts[index], ELSEWHERE_16],
    ]);
    pairs.push([end.length, found.length, ELSEWHERE_32], [end.offset, found.offset, ELSEWHERE_32]);
    if (!pairs.every((pair) => agree(...pair))) throw new InvalidZip('its two ends contradict each other');
  }
  const [count = 0, countOfAll] = found.counts;
  if (found.disks.some((disk) => disk !== 0) || count !== countOfAll) {
    throw new InvalidZip('it is one part of several');
  }
  if (found.offset + found.length !== found.start) {
    throw new InvalidZip('its central directory is not where it should be');
  }
  return { offset: found.offset, length: found.length, count };
}

/** The last end record that goes to the end of the file, but for zeros, which some programs append. */
function findEnd(tail: Buffer): number | undefined {
  for (let position = tail.length - END.length; position >= 0; position -= 1) {
    if (tail.readUInt32LE(position) !== END.signature) continue;
    const end = position + END.length + tail.readUInt16LE(position + 20);
    if (end <= tail.length && tail.subarray(end).every((byte) => byte === 0)) return position;
  }
  return undefined;
}

async function zip64Directory(readAt: ReadAt, locator: Buffer, locatorStart: number) {
  const start = exact(locator.readBigUInt64LE(8));
  if (start + ZIP64_END.length !== locatorStart) throw new InvalidZip('its Zip64 end is not where it should be');
  const end = await readAt(start, ZIP64_END.length);
  if (end.readUInt32LE(0) !== ZIP64_END.signature) throw new InvalidZip('its Zip64 end is not where it should be');
  return {
    disks: [end.readUInt32LE(16), end.readUInt32LE(20), locator.readUInt32LE(4)],
    counts: [exact(end.readBigUInt64LE(24)), exact(end.readBigUInt64LE(32))],
    length: exact(end.readBigUInt64LE(40)),
    offset: exact(end.readBigUInt64LE(48)),
    start,
  };
}

function readRecord(bytes: Buffer, index: number): { record: Omit<ZipRecord, 'limit'>; length: number } {
  if (bytes.length < RECORD.length || bytes.readUInt32LE(0) !== RECORD.signature) {
    throw new InvalidZip(`entry ${index + 1} of its central directory is damaged`);
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => bytes.readUInt16LE(at)) as [
    number,
    number,
    number,
  ];
  const length = RECORD.length + nameLength + extraLength + commentLength;
  if (length > bytes.length) throw new InvalidZip(`entry ${index + 1} of its central directory is damaged`);
  const flags = bytes.readUInt16LE(8);
  const nameBytes = bytes.subarray(RECORD.length, RECORD.length + nameLength);
  const name = readName(nameBytes, (flags & UTF8_FLAG) !== 0);
  const shown = JSON.stringify(name);
  if ((flags & REFUSED_FLAGS) !== 0) throw new InvalidZip(`${shown} is encrypted or patched`);
  const extra = bytes.subarray(RECORD.length + nameLength, RECORD.length + nameLength + extraLength);
  const sizes = readSizes(bytes, extra, shown);
  if (sizes.disk !== 0) throw new InvalidZip('it is one part of several');
  const method = bytes.readUInt16LE(10);
  if (method !== 0 && method !== 8) throw new InvalidZip(`${shown} is compressed by method ${method}`);
  if (method === 0 && sizes.size !== sizes.compressedSize) {
    throw new InvalidZip(`${shown} is stored, but in another size than its own`);
  }
  if (name.endsWith('/') && sizes.size !== 0) throw new InvalidZip(`the folder ${shown} has content`);
  // Programs on Windows write them too, and uv and pip do not ask which system an archive was made on.
  const unixMode = bytes.readUInt16LE(40);
  return {
    record: {
      name,
      nameBytes,
      method,
      crc32: bytes.readUInt32LE(16),
      compressedSize: sizes.compressedSize,
      size: sizes.size,
      mode: unixMode === 0 ? undefined : unixMode & 0o7777,
      offset: sizes.offset,
    },
    length,
  };
}

/** Only UTF-8: the specification has another encoding for names without the flag, which nobody agrees on beyond ASCII. */
function readName(bytes: Buffer, isUtf8: boolean): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidZip(`the name ${JSON.stringify(bytes.toString('latin1'))} is not in UTF-8`);
  }
  if (!isUtf8 && bytes.some((byte) => byte > 0x7f)) {
    throw new InvalidZip(`the name ${JSON.stringify(name)} is not marked as UTF-8`);
  }
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (/[\\\p{Cc}]/u.test(name) || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new InvalidZip(`the name ${JSON.stringify(name)} is not allowed`);
  }
  return name;
}

/** With those that do not fit into 32 bits from the Zip64 field (APPNOTE.TXT 4.5.3), which holds them in this order. */
function readSizes(bytes: Buffer, extra: Buffer, shown: string) {
  const wide = zip64Field(extra);
  let position = 0;
  const field = (short: number, elsewhere: number, length: 4 | 8): number => {
    if (short !== elsewhere || wide === undefined) return short;
    if (position + length > wide.length) throw new InvalidZip(`the Zip64 sizes of ${shown} are damaged`);
    const value = length === 8 ? exact(wide.readBigUInt64LE(position)) : wide.readUInt32LE(position);
    position += length;
    return value;
  };
  const size = field(bytes.readUInt32LE(24), ELSEWHERE_32, 8);
  const compressedSize = field(bytes.readUInt32LE(20), ELSEWHERE_32, 8);
  const offset = field(bytes.readUInt32LE(42), ELSEWHERE_32, 8);
  const disk = field(bytes.readUInt16LE(34), ELSEWHERE_16, 4);
  return { size, compressedSize, offset, disk };
}

function zip64Field(extra: Buffer): Buffer | undefined {
  let position = 0;
  while (position + 4 <= extra.length) {
    const length = extra.readUInt16LE(position + 2);
    if (extra.readUInt16LE(position) === 1) return extra.subarray(position + 4, position + 4 + length);
    position += 4 + length;
  }
  return undefined;
}

function exact(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new InvalidZip('it says that it is larger than any file');
  return Number(value);
}

/** No name twice, and none that is a file and a folder. */
function assertNamesFit(records: readonly Pick<ZipRecord, 'name'>[]): void {
  const files = new Set<string>();
  for (const { name } of records) {
    if (name.endsWith('/')) continue;
    if (files.has(name)) throw new InvalidZip(`${JSON.stringify(name)} is in it twice`);
    files.add(name);
  }
  const isFile = new Map<string, boolean>();
  for (const { name } of records) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end);
      if (isFile.has(folder)) break;
      isFile.set(folder, files.has(folder));
      if (files.has(folder)) throw new InvalidZip(`${JSON.stringify(folder)} is a file and a folder`);
    }
  }
}

/** In the order of their bytes, each of which belongs to one entry alone. */
function withLimits(records: readonly Omit<ZipRecord, 'limit'>[], directoryOffset: number): ZipRecord[] {
  const sorted = records.toSorted((one, other) => one.offset - other.offset);
  return sorted.map((record, index) => {
    const limit = sorted[index + 1]?.offset ?? directoryOffset;
    const least = record.offset + LOCAL_HEADER.length + record.nameBytes.length + record.compressedSize;
    if (least > limit) throw new InvalidZip(`${JSON.stringify(record.name)} reaches into what comes after it`);
    return { ...record, limit };
  });
}
