import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { Misled } from './connection-error.js';

/**
 * The body of an answer without the packing that it travelled in (RFC 9110, 8.4). None is asked for, and some stores and
 * proxies pack nevertheless; Docker and containerd unpack then, too. The digest is that of what was unpacked.
 */
export function unpacked(answer: IncomingMessage, method: string): AsyncIterable<Uint8Array> {
  const packing = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const isEmpty = method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
  if (packing === '' || packing === 'identity' || isEmpty) return answer;
  const { pipeline } = process.getBuiltinModule('node:stream');
  const unpacking = unpackerOf(packing);
  if (unpacking === undefined) {
    answer.destroy();
    throw new Misled('the answer cannot be unpacked');
  }
  // What fails is told to who reads.
  return pipeline(answer, unpacking, () => undefined);
}

function unpackerOf(packing: string): Transform | undefined {
  const { createBrotliDecompress, createGunzip, createInflate } = process.getBuiltinModule('node:zlib');
  if (packing === 'gzip' || packing === 'x-gzip') return createGunzip();
  if (packing === 'deflate') return createInflate();
  return packing === 'br' ? createBrotliDecompress() : undefined;
}
