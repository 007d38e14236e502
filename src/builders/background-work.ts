/** Work that is begun before its result is asked for, and that ends with what it is for. */
export class BackgroundWork {
  /** Aborted at the end, and when the signal that it follows is. */
  readonly signal: AbortSignal;
  readonly #ending = new AbortController();
  readonly #begun: Promise<unknown>[] = [];

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#ending.signal]);
  }

  /** What goes wrong is told to whoever awaits the result, if anybody does. */
  begin<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const result = work(this.signal);
    result.catch(() => undefined);
    this.#begun.push(result);
    return result;
  }

  /** Stops what nobody waits for any more. */
  abort(): void {
    this.#ending.abort();
  }

  /** Stops what is still under way, and waits until it has cleared up. */
  async end(): Promise<void> {
    this.abort();
    await Promise.allSettled(this.#begun);
  }
}
