import type { ImageEntry } from './image-entry.js';

const BLOCK = 512;
/** The same for everything. Not before 1980-01-02, which zip cannot store in any time zone (pypa/hatch#1605); the bake's files have it as well. */
export const MTIME_SECONDS = Date.UTC(2020, 0, 1) / 1000;

/** What a field of a ustar header can hold (pax(1), "ustar Interchange Format"). */
const MAXIMUM = { id: 0o7777777, size: 0o77777777777, name: 100, prefix: 155 };
const MODES = { folder: 0o755, file: 0o644, link: 0o777 };
const TYPES = { folder: '5', file: '0', link: '2' };

/** The entry's header in a tar: a ustar header, after a pax header for what that cannot say. Equal entries give equal bytes. */
export function tarHeader(entry: ImageEntry): Uint8Array {
  const size = sizeOf(entry);
  const path = entry.type === 'folder' ? `${entry.path}/` : entry.path;
  const target = entry.type === 'link' ? entry.target : '';
  const [prefix, name] = split(path);
  const records = [
    ...(name === undefined ? [record('path', path)] : []),
    ...(isPlain(target, MAXIMUM.name) ? [] : [record('linkpath', target)]),
    ...(size > MAXIMUM.size ? [record('size', String(size))] : []),
    ...(entry.uid > MAXIMUM.id ? [record('uid', String(entry.uid))] : []),
    ...(entry.gid > MAXIMUM.id ? [record('gid', String(entry.gid))] : []),
  ];
  const header = block({
    name: name ?? ascii(path).slice(-MAXIMUM.name),
    prefix: name === undefined ? '' : prefix,
    mode: entry.type === 'link' ? MODES.link : entry.mode,
    uid: Math.min(entry.uid, MAXIMUM.id),
    gid: Math.min(entry.gid, MAXIMUM.id),
    size: Math.min(size, MAXIMUM.size),
    type: TYPES[entry.type],
    target: ascii(target).slice(0, MAXIMUM.name),
  });
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const pax = {
    name: 'PaxHeader',
    prefix: '',
    mode: MODES.file,
    uid: 0,
    gid: 0,
    size: body.length,
    type: 'x',
    target: '',
  };
  return Buffer.concat([block(pax), body, Buffer.alloc(paddingAfter(body.length)), header]);
}

/** Zeros up to the next block. */
export function paddingAfter(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Two blocks of zeros. */
export const TAR_END = new Uint8Array(2 * BLOCK);

export function sizeOf(entry: ImageEntry): number {
  if (entry.type !== 'file') return 0;
  const { content } = entry;
  return content.kind === 'bytes' ? content.bytes.length : content.size;
}

interface Fields {
  readonly name: string;
  readonly prefix: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly type: string;
  readonly target: string;
}

function block(fields: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(fields.name, 0, 'latin1');
  header.write(octal(fields.mode, 7), 100, 'latin1');
  header.write(octal(fields.uid, 7), 108, 'latin1');
  header.write(octal(fields.gid, 7), 116, 'latin1');
  header.write(octal(fields.size, 11), 124, 'latin1');
  header.write(octal(MTIME_SECONDS, 11), 136, 'latin1');
  // The checksum counts its own field as spaces.
  header.write('        ', 148, 'latin1');
  header.write(fields.type, 156, 'latin1');
  header.write(fields.target, 157, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(fields.prefix, 345, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** A path as prefix and name, split at a slash; no name where it does not fit. */
function split(path: string): [string, string | undefined] {
  if (isPlain(path, MAXIMUM.name)) return ['', path];
  if (!isPlain(path, MAXIMUM.prefix + 1 + MAXIMUM.name)) return ['', undefined];
  // A slash at the end belongs to the name.
  const at = path.lastIndexOf('/', Math.min(MAXIMUM.prefix, path.length - 2));
  const name = path.slice(at + 1);
  return at <= 0 || name.length > MAXIMUM.name ? ['', undefined] : [path.slice(0, at), name];
}

function isPlain(text: string, length: number): boolean {
  return text.length <= length && !/[^\x20-\x7e]/.test(text);
}

/** For readers that know no pax headers. */
function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '_');
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself (pax(1), "pax Extended Header"). */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
