/**
 * A body for as long as it takes, but not for as long as it is silent: `stop` is called then, and is to make it fail. What it
 * fails with is what `failed` makes of it.
 */
export async function* whileMoving(
  body: AsyncIterable<Uint8Array>,
  idleMs: number,
  stop: () => void,
  failed: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Only while it is waited for: a reader may be slow.
      const silence = setTimeout(stop, idleMs);
      let next: IteratorResult<Uint8Array>;
      try {
        next = await chunks.next();
      } catch (error) {
        throw failed(error);
      } finally {
        clearTimeout(silence);
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
