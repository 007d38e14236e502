import type { Blob } from '../image/blob.js';
import type { Digest } from '../image/digest.js';
import type { Document } from '../image/document.js';
import type { BlobFate, ImageSink } from '../image/sink.js';
import type { BackgroundWork } from './background-work.js';

/** As many as when an image is written (image/write-tree.ts). */
const AT_ONCE = 4;

/**
 * A sink that begins with some blobs before the image that they are of is made: nobody can find them until a manifest names
 * them. What goes wrong with one is told when the image is written.
 */
export class EarlyBlobs implements ImageSink {
  readonly name: string;
  readonly #transfers = new Map<Digest, Transfer>();
  #waiting: Blob[] = [];
  #underWay = 0;

  constructor(
    private readonly sink: ImageSink,
    private readonly background: BackgroundWork,
  ) {
    this.name = sink.name;
  }

  /** Writes the blob, as soon as those before it leave room. */
  begin(blob: Blob): void {
    this.#waiting.push(blob);
    this.#goOn();
  }

  async writeBlob(blob: Blob, onBytes: (count: number) => void = () => undefined): Promise<BlobFate> {
    const { digest } = blob.descriptor;
    this.#waiting = this.#waiting.filter(({ descriptor }) => descriptor.digest !== digest);
    const transfer = this.#transfers.get(digest);
    if (transfer === undefined) return this.sink.writeBlob(blob, onBytes);
    transfer.onBytes = onBytes;
    return transfer.fate;
  }

  writeManifest(document: Omit<Document<unknown>, 'value'>, tag?: string): Promise<void> {
    return this.sink.writeManifest(document, tag);
  }

  #goOn(): void {
    const blob = this.#underWay < AT_ONCE ? this.#waiting.shift() : undefined;
    if (blob === undefined) return;
    this.#underWay += 1;
    const fate = this.background.begin(() => this.sink.writeBlob(blob, (count) => transfer.onBytes(count)));
    const transfer: Transfer = { fate, onBytes: () => undefined };
    this.#transfers.set(blob.descriptor.digest, transfer);
    const done = (): void => {
      this.#underWay -= 1;
      this.#goOn();
    };
    // After a failure nothing more is begun: whoever writes the image is told of it, and stops as well.
    fate.then(done, () => (this.#waiting = []));
  }
}

interface Transfer {
  readonly fate: Promise<BlobFate>;
  /** Of whoever waits for it. */
  onBytes: (count: number) => void;
}
