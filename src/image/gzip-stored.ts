import { crc32 } from 'node:zlib';

/** The most that one stored block holds (RFC 1951, 3.2.4). */
const BLOCK = 0xffff;

/**
 * Bytes as a gzip file that compresses nothing. The same bytes everywhere: what a zlib makes of them depends on its
 * version and its processor (nodejs/node#33610), and a layer's digest with it.
 */
export function gzipStored(bytes: Uint8Array): Buffer {
  // RFC 1952, 2.3: no name, no time, unknown system.
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let start = 0; start === 0 || start < bytes.length; start += BLOCK) {
    const block = bytes.subarray(start, start + BLOCK);
    const header = Buffer.alloc(5);
    header.writeUInt8(start + BLOCK >= bytes.length ? 1 : 0, 0);
    header.writeUInt16LE(block.length, 1);
    header.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(header, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([...parts, trailer]);
}
