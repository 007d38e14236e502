/** The text of a requirements file, or why Python could not decode it. */
export type Decoded =
  { readonly text: string; readonly problem?: undefined } | { readonly text: string; readonly problem: string };

/** Longest first: the mark of UTF-16 little endian is how that of UTF-32 begins. */
const BYTE_ORDER_MARKS: readonly (readonly [mark: readonly number[], decode: (bytes: Buffer) => string])[] = [
  [[0xef, 0xbb, 0xbf], (bytes) => bytes.toString('utf8')],
  [[0xff, 0xfe, 0x00, 0x00], (bytes) => decodeUtf32(bytes, (offset) => bytes.readUInt32LE(offset))],
  [[0x00, 0x00, 0xfe, 0xff], (bytes) => decodeUtf32(bytes, (offset) => bytes.readUInt32BE(offset))],
  [[0xff, 0xfe], (bytes) => bytes.toString('utf16le')],
  [
    [0xfe, 0xff],
    (bytes) =>
      Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le'),
  ],
];

/**
 * Reads bytes as pip does (pip/_internal/req/req_file.py: _decode_req_file): a byte order mark, which PowerShell's
 * `pip freeze > requirements.txt` writes, then `# -*- coding: latin-1 -*-` in the first two lines, else UTF-8.
 */
export function decodeText(bytes: Buffer): Decoded {
  for (const [mark, decode] of BYTE_ORDER_MARKS) {
    if (mark.every((byte, index) => bytes[index] === byte)) return { text: decode(bytes.subarray(mark.length)) };
  }
  const declared = declaredEncoding(bytes);
  if (declared !== undefined) return decodeDeclared(bytes, declared);
  try {
    return { text: strictly(bytes, 'utf-8') };
  } catch {
    // pip then tries the encoding of the locale, which is UTF-8 as well in every Python image since 3.7.
    return { text: bytes.toString('latin1'), problem: 'is not UTF-8' };
  }
}

/** PEP 263, as pip looks for it: only lines that begin with `#`, only the first two. */
function declaredEncoding(bytes: Buffer): string | undefined {
  let start = 0;
  for (let line = 0; line < 2 && start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const text = bytes.subarray(start, Math.min(end < 0 ? bytes.length : end, start + 1000)).toString('latin1');
    const encoding = text.startsWith('#') ? /coding[:=]\s*([-\w.]+)/.exec(text)?.[1] : undefined;
    if (encoding !== undefined) return encoding.toLowerCase().replaceAll('_', '-');
    if (end < 0) return undefined;
    start = end + 1;
  }
  return undefined;
}

function decodeDeclared(bytes: Buffer, encoding: string): Decoded {
  // The web's `iso-8859-1` is windows-1252; Python's is not.
  if (/^(?:latin-?1|l1|iso-?8859-1|8859|cp819)$/.test(encoding)) return { text: bytes.toString('latin1') };
  if (/^(?:us-)?ascii$|^646$/.test(encoding)) {
    const text = bytes.toString('latin1');
    return bytes.every((byte) => byte < 0x80)
      ? { text }
      : { text, problem: 'is not ASCII, although its first lines declare that encoding' };
  }
  const label = /^(?:utf-?8|u8|utf-8-sig)$/.test(encoding) ? 'utf-8' : encoding.replace(/^cp(\d)/, 'windows-$1');
  try {
    return { text: strictly(bytes, label) };
  } catch (error) {
    const text = bytes.toString('latin1');
    // Python knows encodings that JavaScript does not; names and versions are ASCII in nearly all of them.
    return error instanceof RangeError
      ? { text }
      : { text, problem: `is not ${encoding}, although its first lines declare that encoding` };
  }
}

/** Throws RangeError for an encoding that is not known, TypeError for bytes that are not in it. */
function strictly(bytes: Buffer, encoding: string): string {
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
}

function decodeUtf32(bytes: Buffer, codePointAt: (offset: number) => number): string {
  const pieces: string[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
    const codePoint = codePointAt(offset);
    pieces.push(codePoint > 0x10_ff_ff ? '\uFFFD' : String.fromCodePoint(codePoint));
  }
  return pieces.join('');
}
