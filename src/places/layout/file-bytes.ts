import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileProblem } from '../../system-error.js';

const CHUNK = 256 * 1024;

/**
 * Part of a file, read anew for each reader: what is held is one piece. Of what takes the place of the file meanwhile, a
 * link is not followed and a pipe is not waited for (Windows has neither: undefined, so 0). A layer can have gigabytes, so
 * that reading ends with the signal. Throws KdeployError `configuration` for what the file system refuses.
 */
export async function* fileBytes(
  path: string,
  { start, size, signal }: { readonly start: number; readonly size: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const handle = await told(path, open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  try {
    for (let read = 0; read < size;) {
      signal?.throwIfAborted();
      const length = Math.min(CHUNK, size - read);
      const { bytesRead, buffer } = await told(path, handle.read(Buffer.allocUnsafe(length), 0, length, start + read));
      if (bytesRead === 0) return;
      read += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Said here, for whoever writes the bytes elsewhere would take it for a fault of the file that is written. */
async function told<Value>(path: string, done: Promise<Value>): Promise<Value> {
  try {
    return await done;
  } catch (error) {
    throw fileProblem(error, path, 'read') ?? error;
  }
}
