/*
 * A small deflate of our own (RFC 1951): matches found by a table of hashes, as LZ4 does, and written with the fixed Huffman
 * codes. It compresses less than zlib, and the same on every machine: what a zlib makes of the same bytes depends on its
 * version and its processor (nodejs/node#33610), and a layer's digest with it. Any change to it is a new FORMAT_VERSION (layer-recipe.ts).
 */

const HASH_BITS = 15;
const MINIMUM_MATCH = 4;
const MAXIMUM_MATCH = 258;
const MAXIMUM_DISTANCE = 32768;

/** RFC 1951, 3.2.5: the code of a length (3 to 258) with its extra bits, as the bits that are written, and how many. */
const LENGTHS = lengthTable();
const [DISTANCE_BASES, DISTANCE_EXTRA] = distanceTable();
/** By literal: its code of 3.2.6, reversed because Huffman codes are written from their first bit on; 256 ends the block. */
const LITERALS = literalTable();

/** The positions of the last match candidates; positions only grow, so that it need not be emptied between calls. */
const table = new Int32Array(1 << HASH_BITS);
let origin = 1;

/** The bytes as a whole raw deflate stream: one last block. */
export function deflate(bytes: Uint8Array): Uint8Array {
  return deflateBlock(bytes, true);
}

/** What ends a stream of blocks of which none was the last: one with nothing in it. */
export const LAST_BLOCK = Uint8Array.of(3, 0);

/** The bytes as a part of a stream that goes on: it ends with an empty stored block, and so at the end of a byte (zlib's "sync flush"). */
export function deflatePart(bytes: Uint8Array): Uint8Array {
  return deflateBlock(bytes, false);
}

function deflateBlock(bytes: Uint8Array, isLast: boolean): Uint8Array {
  const length = bytes.length;
  // A literal has at most 9 bits; a match is never longer than the literals that it stands for.
  const out = new Uint8Array(Math.ceil((length * 9) / 8) + 32);
  // Positions of earlier calls are below the origin, and no candidates.
  if (origin + length > 0x7fff_0000) {
    table.fill(0);
    origin = 1;
  }
  const base = origin;
  origin += length + 1;
  // BTYPE 01 above BFINAL.
  let bits = isLast ? 0b011 : 0b010;
  let bitCount = 3;
  let at = 0;
  let position = 0;
  const lastStart = length - MINIMUM_MATCH;
  while (position < length) {
    let matched = 0;
    let distance = 0;
    if (position <= lastStart) {
      const word =
        (bytes[position] ?? 0) |
        ((bytes[position + 1] ?? 0) << 8) |
        ((bytes[position + 2] ?? 0) << 16) |
        ((bytes[position + 3] ?? 0) << 24);
      const slot = Math.imul(word, 0x9e37_79b1) >>> (32 - HASH_BITS);
      const candidate = (table[slot] ?? 0) - base;
      table[slot] = position + base;
      distance = position - candidate;
      if (candidate >= 0 && distance <= MAXIMUM_DISTANCE) {
        const most = Math.min(MAXIMUM_MATCH, length - position);
        while (matched < most && bytes[candidate + matched] === bytes[position + matched]) matched++;
      }
    }
    if (matched >= MINIMUM_MATCH) {
      const packed = LENGTHS[matched] ?? 0;
      bits |= (packed & 0xffff) << bitCount;
      bitCount += packed >>> 16;
      while (bitCount >= 8) {
        out[at++] = bits & 0xff;
        bits >>>= 8;
        bitCount -= 8;
      }
      const code = distanceCode(distance);
      bits |= reversed(code, 5) << bitCount;
      bitCount += 5;
      bits |= (distance - (DISTANCE_BASES[code] ?? 0)) << bitCount;
      bitCount += DISTANCE_EXTRA[code] ?? 0;
      position += matched;
    } else {
      const packed = LITERALS[bytes[position++] ?? 0] ?? 0;
      bits |= (packed & 0xffff) << bitCount;
      bitCount += packed >>> 16;
    }
    while (bitCount >= 8) {
      out[at++] = bits & 0xff;
      bits >>>= 8;
      bitCount -= 8;
    }
  }
  // The code that ends the block is seven zeros; three more begin a stored block.
  bitCount += isLast ? 7 : 10;
  while (bitCount > 0) {
    out[at++] = bits & 0xff;
    bits >>>= 8;
    bitCount -= 8;
  }
  if (!isLast) {
    out.set(EMPTY_STORED, at);
    at += EMPTY_STORED.length;
  }
  return out.subarray(0, at);
}

/** LEN and NLEN of a stored block without bytes. */
const EMPTY_STORED = Uint8Array.of(0, 0, 0xff, 0xff);

function distanceCode(distance: number): number {
  const zeroBased = distance - 1;
  if (zeroBased < 4) return zeroBased;
  const high = 31 - Math.clz32(zeroBased);
  return high * 2 + ((zeroBased >>> (high - 1)) & 1);
}

function literalTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, literal) =>
    literal < 144 ? coded(0x30 + literal, 8) : coded(0x190 + literal - 144, 9),
  );
}

function lengthTable(): Uint32Array {
  const table = new Uint32Array(MAXIMUM_MATCH + 1);
  for (let length = 3; length < MAXIMUM_MATCH; length++) {
    const zeroBased = length - 3;
    const extra = zeroBased < 8 ? 0 : 29 - Math.clz32(zeroBased);
    const symbol = 257 + (extra << 2) + (zeroBased >>> extra);
    table[length] = withExtra(symbol, zeroBased & ((1 << extra) - 1), extra);
  }
  table[MAXIMUM_MATCH] = withExtra(285, 0, 0);
  return table;
}

function withExtra(symbol: number, value: number, extra: number): number {
  const [code, bits] = symbol < 280 ? [symbol - 256, 7] : [0xc0 + symbol - 280, 8];
  return ((bits + extra) << 16) | reversed(code, bits) | (value << bits);
}

function distanceTable(): [Uint16Array, Uint8Array] {
  const [bases, extra] = [new Uint16Array(30), new Uint8Array(30)];
  for (let code = 0, next = 1; code < 30; code++) {
    const bits = code < 4 ? 0 : (code >>> 1) - 1;
    bases[code] = next;
    extra[code] = bits;
    next += 1 << bits;
  }
  return [bases, extra];
}

function coded(code: number, bits: number): number {
  return (bits << 16) | reversed(code, bits);
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((code >>> bit) & 1) << (bits - 1 - bit);
  return result;
}
