/** What a TAR file says of one file in it (pax(1), "ustar Interchange Format"; GNU tar's manual, "Basic Tar Format"). */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** One letter: `0` is a file, `1` and `2` are links, `x` and `L` say more of what comes next. */
  readonly type: string;
  readonly target: string;
}

export const TAR_BLOCK = 512;

const CHECKSUM = { start: 148, end: 156 };

/** `end` for the block of zeros that ends the file; `undefined` if it is not a header. */
export function readTarHeader(block: Buffer): TarHeader | 'end' | undefined {
  if (block.length !== TAR_BLOCK) return undefined;
  if (block.every((byte) => byte === 0)) return 'end';
  const size = numberAt(block, 124, 136);
  if (numberAt(block, CHECKSUM.start, CHECKSUM.end) !== checksumOf(block) || size === undefined) return undefined;
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, 345, 500) : '';
  const name = textAt(block, 0, 100);
  const type = block.toString('latin1', 156, 157);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    // As it was before POSIX.
    type: type === '\0' || type === '7' ? '0' : type,
    target: textAt(block, 157, 257),
  };
}

/** The records of a pax header, `LENGTH KEY=VALUE\n` each; `undefined` where they are not of this form. */
export function readPaxRecords(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(0x20, start);
    const digits = space === -1 ? '' : bytes.toString('latin1', start, space);
    const end = start + Number(digits);
    if (!/^[1-9]\d{0,8}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    const record = bytes.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals === -1) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    start = end;
  }
  return records;
}

export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

function textAt(block: Buffer, start: number, end: number): string {
  return textOf(block.subarray(start, end));
}

/** In octal digits; or in base 256, where these do not suffice: files above 8 GiB. */
function numberAt(block: Buffer, start: number, end: number): number | undefined {
  if (block[start] === 0x80) {
    const value = BigInt(`0x${block.toString('hex', start + 1, end)}`);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  }
  const digits = textAt(block, start, end).trim();
  return /^[0-7]*$/.test(digits) ? parseInt(`0${digits}`, 8) : undefined;
}

/** The sum of all bytes, those of the sum itself taken for spaces. */
function checksumOf(block: Buffer): number {
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : byte;
  return sum;
}
