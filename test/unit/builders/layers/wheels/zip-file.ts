import { crc32, deflateRawSync } from 'node:zlib';

/** A file for a zip archive, and what its headers are to say instead of the truth. */
export interface ZipPart {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  readonly stored?: boolean;
  readonly mode?: number;
  /** 3: Unix. */
  readonly system?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly crc32?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly offset?: number;
  readonly disk?: number;
  /** Extra fields of the local header, and of the central directory. */
  readonly localExtra?: Buffer;
  readonly extra?: Buffer;
  readonly localName?: string;
  readonly localMethod?: number;
  readonly localSignature?: number;
  /** Sizes and offset are given in a Zip64 field. */
  readonly isZip64?: boolean;
  /** Writes them behind the content, as programs do that do not know them before. */
  readonly hasDescriptor?: boolean;
}

export interface ZipEnd {
  readonly prefix?: Buffer;
  readonly gap?: Buffer;
  readonly comment?: Buffer;
  readonly appended?: Buffer;
  readonly count?: number;
  readonly disk?: number;
  readonly directoryOffset?: number;
  readonly isZip64?: boolean;
  /** With `isZip64`: what the old end record says, where it is not left to the new one. */
  readonly oldCount?: number;
}

export function zipFile(parts: readonly ZipPart[], end: ZipEnd = {}): Buffer {
  const locals: Buffer[] = [end.prefix ?? Buffer.alloc(0)];
  const records: Buffer[] = [];
  let offset = locals[0]!.length;
  for (const part of parts) {
    const { local, record } = entry(part, offset);
    locals.push(local);
    records.push(record);
    offset += local.length;
  }
  const directory = Buffer.concat(records);
  const gap = end.gap ?? Buffer.alloc(0);
  return Buffer.concat([...locals, directory, gap, endOf(directory.length, offset, parts.length, gap.length, end)]);
}

function entry(part: ZipPart, offset: number): { local: Buffer; record: Buffer } {
  const name = Buffer.from(part.name);
  const content = Buffer.from(part.content ?? '');
  const bytes = part.stored === true ? content : deflateRawSync(content);
  const isAscii = name.every((byte) => byte < 0x80);
  const flags = part.flags ?? (isAscii ? 0 : 0x800) | (part.hasDescriptor === true ? 8 : 0);
  const method = part.method ?? (part.stored === true ? 0 : 8);
  const truth = { crc32: crc32(content), compressedSize: bytes.length, size: content.length };
  const { crc32: checksum, compressedSize, size } = { ...truth, ...part };

  const header = Buffer.alloc(30);
  header.writeUInt32LE(part.localSignature ?? 0x04034b50, 0);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(part.localMethod ?? method, 8);
  if (part.hasDescriptor !== true) writeSizes(header, 14, [checksum, compressedSize, size]);
  const localName = Buffer.from(part.localName ?? name);
  const localExtra = part.localExtra ?? Buffer.alloc(0);
  header.writeUInt16LE(localName.length, 26);
  header.writeUInt16LE(localExtra.length, 28);
  const descriptor = Buffer.alloc(part.hasDescriptor === true ? 16 : 0);
  if (part.hasDescriptor === true) {
    descriptor.writeUInt32LE(0x08074b50, 0);
    writeSizes(descriptor, 4, [checksum, compressedSize, size]);
  }

  const record = Buffer.alloc(46);
  const at = part.offset ?? offset;
  const extra = Buffer.concat([
    part.extra ?? Buffer.alloc(0),
    part.isZip64 === true ? zip64([size, compressedSize, at]) : Buffer.alloc(0),
  ]);
  const elsewhere = (value: number) => (part.isZip64 === true ? 0xffffffff : value);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(((part.system ?? 3) << 8) | 20, 4);
  record.writeUInt16LE(flags, 8);
  record.writeUInt16LE(method, 10);
  writeSizes(record, 16, [checksum, elsewhere(compressedSize), elsewhere(size)]);
  record.writeUInt16LE(name.length, 28);
  record.writeUInt16LE(extra.length, 30);
  record.writeUInt16LE(part.disk ?? 0, 34);
  record.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 38);
  record.writeUInt32LE(elsewhere(at), 42);
  return {
    local: Buffer.concat([header, localName, localExtra, bytes, descriptor]),
    record: Buffer.concat([record, name, extra]),
  };
}

function writeSizes(buffer: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value, at + 4 * index);
}

function zip64(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return field;
}

function endOf(length: number, offset: number, entries: number, gap: number, options: ZipEnd): Buffer {
  const { comment = Buffer.alloc(0), appended = Buffer.alloc(0), isZip64 = false, disk = 0 } = options;
  const count = options.count ?? entries;
  const at = options.directoryOffset ?? offset;
  const newEnd = Buffer.alloc(isZip64 ? 76 : 0);
  if (isZip64) {
    newEnd.writeUInt32LE(0x06064b50, 0);
    newEnd.writeBigUInt64LE(44n, 4);
    newEnd.writeUInt32LE(disk, 16);
    newEnd.writeBigUInt64LE(BigInt(count), 24);
    newEnd.writeBigUInt64LE(BigInt(count), 32);
    newEnd.writeBigUInt64LE(BigInt(length), 40);
    newEnd.writeBigUInt64LE(BigInt(at), 48);
    newEnd.writeUInt32LE(0x07064b50, 56);
    newEnd.writeBigUInt64LE(BigInt(offset + length + gap), 64);
    newEnd.writeUInt32LE(1, 72);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(disk, 4);
  const oldCount = isZip64 ? (options.oldCount ?? 0xffff) : count;
  end.writeUInt16LE(oldCount, 8);
  end.writeUInt16LE(oldCount, 10);
  end.writeUInt32LE(isZip64 ? 0xffffffff : length, 12);
  end.writeUInt32LE(isZip64 ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([newEnd, end, comment, appended]);
}
