/**
 * What has been started and must end, in the order of starting. Ending runs backwards and goes on after a failure, so that one
 * stubborn part does not leave the others behind.
 */
export class Lifetime {
  readonly #ends: { readonly name: string; readonly end: () => Promise<void> }[] = [];
  #ending: Promise<void> | undefined;

  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Registers the end of something just started. When the end has begun already, it is ended at once and the caller is told. */
  async add(name: string, end: () => Promise<void>): Promise<void> {
    if (this.#ending !== undefined) {
      await end();
      throw new Error(`${name}: stopped while starting`);
    }
    this.#ends.push({ name, end });
  }

  end(): Promise<void> {
    this.#ending ??= this.#endAll();
    return this.#ending;
  }

  async #endAll(): Promise<void> {
    const failures: Error[] = [];
    for (const { name, end } of this.#ends.reverse()) {
      try {
        await end();
      } catch (error) {
        failures.push(new Error(`${name} did not end: ${error instanceof Error ? error.message : String(error)}`));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('\n'));
  }
}
