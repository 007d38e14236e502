import { KdeployError } from '../../errors.js';

/** Thrown inside the transport when a server sends more than was asked to be taken; never retried. */
export function tooLarge(what: string, maximumBytes: number): KdeployError {
  return new KdeployError(
    'registry-unreachable',
    `${what} is larger than ${maximumBytes} bytes, more than any registry should send`,
  );
}

/**
 * Reads a body into memory up to a limit: the server, not the user, decides how much it sends. `undefined`: it is
 * larger; the rest is not read. Counted after decompression, so that a small gzip cannot become a large answer.
 */
export async function readBody(body: AsyncIterable<Uint8Array>, maximumBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The beginning of a body, for an error's words. A body that breaks off has said what it could. */
export async function readBeginning(body: AsyncIterable<Uint8Array>, maximumBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maximumBytes) break;
    }
  } catch {
    // The status is known; that is what counts.
  }
  return Buffer.concat(chunks).subarray(0, maximumBytes);
}
