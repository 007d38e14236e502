import { inflateSync } from 'node:zlib';
import { findInText, maximumBytes, type SecretVerdict } from './secret-files.js';

const LOOSE = /(?:^|\/)objects\/[0-9a-f]{2}\/(?:[0-9a-f]{38}|[0-9a-f]{62})$/;
const PACK = /(?:^|\/)objects\/pack\/[^/]+\.pack$/;
/** A pack is read as a whole; a larger one is data. */
const MAXIMUM_PACK = 256 * 1024 * 1024;
const MAXIMUM_LOOSE = 1024 * 1024;
/** Every object must be unpacked to know where the next one begins. */
const MAXIMUM_OBJECT = 64 * 1024 * 1024;

/** Whether a file is of those in which git keeps what was committed: `.git/objects/pack/pack-1.pack`. */
export function isGitObject(path: string): boolean {
  return LOOSE.test(path) || PACK.test(path);
}

export function maximumObjectBytes(path: string): number {
  return PACK.test(path) ? MAXIMUM_PACK : MAXIMUM_LOOSE;
}

/**
 * The first secret in what was committed, deleted since or not, by its form alone: an object does not know the name of its
 * file. What git could not read either is passed over.
 */
export function judgeGitObject(path: string, content: Buffer): SecretVerdict | undefined {
  for (const text of PACK.test(path) ? packed(content) : loose(content)) {
    const found = text.length > maximumBytes('') ? undefined : findInText(text);
    if (found !== undefined) return { why: `${found.why} that was committed`, isCertain: true };
  }
  return undefined;
}

/** `blob 12\0` and the content. */
function* loose(bytes: Buffer): Generator<Buffer> {
  const object = inflate(bytes)?.content;
  if (object !== undefined) yield object.subarray(object.indexOf(0) + 1);
}

/** gitformat-pack(5): the objects one after the other, each with its type and size in front. */
function* packed(pack: Buffer): Generator<Buffer> {
  let at = PACK_HEADER;
  for (;;) {
    const type = ((pack[at] ?? 0) >> 4) & 7;
    at = afterNumber(pack, at);
    // What a delta is based on: a distance, or the ID of an object.
    if (type === OFFSET_DELTA) at = afterNumber(pack, at);
    else if (type === REFERENCE_DELTA) at += 20;
    const object = inflate(pack.subarray(at));
    // Behind the last one is a checksum, which is nothing that could be unpacked.
    if (object === undefined) return;
    at += object.consumed;
    yield type === OFFSET_DELTA || type === REFERENCE_DELTA ? addedBy(object.content) : object.content;
  }
}

const PACK_HEADER = 12;
const [OFFSET_DELTA, REFERENCE_DELTA] = [6, 7];

/** What a delta adds to the object that it is based on, which is looked at by itself. */
function addedBy(delta: Buffer): Buffer {
  const added: Buffer[] = [];
  let at = afterNumber(delta, afterNumber(delta, 0));
  while (at < delta.length) {
    const instruction = delta[at++] ?? 0;
    if ((instruction & 0x80) === 0) {
      added.push(delta.subarray(at, at + instruction));
      at += instruction;
    } else {
      // A copy: each of the lower bits says that a byte of its offset or length follows.
      for (let bits = instruction & 0x7f; bits > 0; bits >>= 1) at += bits & 1;
      added.push(LINE_BREAK);
    }
  }
  return Buffer.concat(added);
}

const LINE_BREAK = Buffer.from('\n');

/** A number goes on as long as the highest bit of its bytes is set. */
function afterNumber(bytes: Buffer, start: number): number {
  let at = start;
  while (((bytes[at] ?? 0) & 0x80) !== 0) at++;
  return at + 1;
}

function inflate(bytes: Buffer): { readonly content: Buffer; readonly consumed: number } | undefined {
  try {
    // The types of Node.js do not know what `info` changes.
    const { buffer, engine } = inflateSync(bytes, { info: true, maxOutputLength: MAXIMUM_OBJECT }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { content: buffer, consumed: engine.bytesWritten };
  } catch {
    return undefined;
  }
}
