import { KdeployError } from '../errors.js';

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
export async function readBody(response: Response, maximumBytes: number): Promise<Buffer | undefined> {
  if (response.body === null) return Buffer.alloc(0);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.length;
    if (size > maximumBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}

/** The beginning of a body, for an error's words. A body that breaks off has said what it could. */
export async function readBeginning(response: Response, maximumBytes: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (let size = 0; size < maximumBytes;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      chunks.push(value);
    }
    await reader.cancel();
  } catch {
    // The status is known; that is what counts.
  }
  return Buffer.concat(chunks).subarray(0, maximumBytes);
}
