import type { ClientRequest } from 'node:http';
import type { WireRequest } from './wire.js';

/** So much is handed over at once: whether anything moves can be seen on a slow line, too. */
const STEP_BYTES = 256 * 1024;

/**
 * Writes a request's body as fast as the other side takes it: while one piece is on its way, the next is read, and no
 * more. Ends early, and without an error, where the request itself does; throws what reading the body throws.
 */
export async function sendBody(request: ClientRequest, body: WireRequest['body'], onMoved: () => void): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    request.end(body);
    return;
  }
  const writer = new Writer(request, onMoved);
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; start += STEP_BYTES) {
      if (!(await writer.write(chunk.subarray(start, start + STEP_BYTES)))) return;
    }
  }
  await writer.settled();
  request.end();
}

/** One piece under way at a time. */
class Writer {
  #pending: Promise<void> = Promise.resolve();
  #settle: () => void = () => undefined;
  #isOver = false;

  constructor(
    private readonly request: ClientRequest,
    private readonly onMoved: () => void,
  ) {
    // Not all callbacks of pieces are called where a request fails before it has a connection.
    const end = () => {
      this.#isOver = true;
      this.#settle();
    };
    // An answer that comes before the end of the body: a refusal, which no more bytes change.
    request.once('response', end);
    request.once('close', end);
  }

  /** Once the piece before has left this process; false where no more are wanted. */
  async write(piece: Uint8Array): Promise<boolean> {
    await this.#pending;
    if (this.#isOver) return false;
    this.#pending = new Promise((resolve) => {
      this.#settle = resolve;
      this.request.write(piece, (error) => {
        if (error !== null && error !== undefined) this.#isOver = true;
        if (!this.#isOver) this.onMoved();
        resolve();
      });
    });
    return true;
  }

  async settled(): Promise<void> {
    await this.#pending;
  }
}
