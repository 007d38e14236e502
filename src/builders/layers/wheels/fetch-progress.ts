/** How far the wheels of an image are. */
export interface FetchProgress {
  /** Packages. */
  readonly done: number;
  readonly total: number;
  /** Of what is fetched. A file whose size the lock does not have counts in the total as far as it has come. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Adds up what several downloads report. */
export class ProgressSum {
  readonly #files = new Map<string, { bytes: number; readonly size: number | undefined }>();
  #done = 0;

  constructor(
    private readonly total: number,
    private readonly report: (at: FetchProgress) => void,
  ) {}

  expect(name: string, size: number | undefined): void {
    this.#files.set(name, { bytes: 0, size });
  }

  at(name: string, bytes: number): void {
    const file = this.#files.get(name);
    if (file === undefined) return;
    file.bytes = bytes;
    this.#say();
  }

  /** All of it is there: also what needed no download, because its wheel had been built before. */
  done(name: string): void {
    const file = this.#files.get(name);
    if (file !== undefined) file.bytes = file.size ?? file.bytes;
    this.#done++;
    this.#say();
  }

  #say(): void {
    let [bytes, totalBytes] = [0, 0];
    for (const file of this.#files.values()) {
      bytes += file.bytes;
      totalBytes += file.size ?? file.bytes;
    }
    this.report({ done: this.#done, total: this.total, bytes, totalBytes });
  }
}
