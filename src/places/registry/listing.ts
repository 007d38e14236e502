import type { Digest } from '../../image/digest.js';
import type { IndexEntry } from '../../image/manifest.js';
import type { PinnedReference } from '../../image/reference.js';
import { listReferrers } from './list-referrers.js';
import type { RegistryClient } from './client.js';

/** Those that began to be attached to an image at the same time, in this order. */
interface Batch {
  /** `undefined`: the registry listed it by itself, or did not take it. */
  readonly entries: Promise<IndexEntry | undefined>[];
  readonly done: Promise<void>;
}

/**
 * Lists with an image what says something of it. What is attached at the same time is listed at once: where a registry lists
 * nothing by itself, each change of the list in its place takes four requests one after the other, and two changes at the
 * same time would undo each other.
 */
export class Listing {
  readonly #open = new Map<Digest, Batch>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: RegistryClient,
    private readonly isNew: boolean,
  ) {}

  /** `written`: the entry to list, when its manifest is there; `undefined` where it is listed already. Throws what `written` throws. */
  async add(subject: PinnedReference, written: Promise<IndexEntry | undefined>): Promise<void> {
    const { digest } = subject;
    let batch = this.#open.get(digest);
    if (batch === undefined) this.#open.set(digest, (batch = this.#begin(subject)));
    batch.entries.push(written.catch(() => undefined));
    // Of others nothing is awaited, and their failure is not this one's.
    if ((await written) !== undefined) await batch.done;
  }

  #begin(subject: PinnedReference): Batch {
    const entries: Batch['entries'] = [];
    const done = this.#last.then(async () => {
      this.#open.delete(subject.digest);
      const waiting = (await Promise.all(entries)).filter((entry) => entry !== undefined);
      if (waiting.length > 0) await listReferrers(this.client, subject, waiting, { isAlone: this.isNew });
    });
    this.#last = done.catch(() => undefined);
    return { entries, done };
  }
}
