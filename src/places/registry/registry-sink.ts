import { KdeployError } from '../../errors.js';
import type { Blob } from '../../image/blob.js';
import type { Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import type { ImageReference } from '../../image/reference.js';
import { referrerIn } from '../../image/referrer.js';
import type { BlobFate, ReferrerSink } from '../../image/sink.js';
import type { RegistryClient } from './client.js';
import { Listing } from './listing.js';
import { notTaken } from './not-taken.js';
import { putManifest } from './put-manifest.js';
import { uploadBlob } from './upload-blob.js';
import type { AnswerHeaders } from './wire.js';

/** A registry of several machines may need a moment until each of them knows; then it is somebody else's. */
const READ_BACK_AFTER_MS = [0, 500, 1500];

/** A repository of a registry, to be written to. What it throws has the code `push-failed`, or is the client's. */
export class RegistrySink implements ReferrerSink {
  readonly name: string;
  readonly #repository: ImageReference;
  readonly #refusedMounts = new Set<string>();
  readonly #listing: Listing;

  constructor(
    private readonly client: RegistryClient,
    reference: ImageReference,
    /** Whether nobody else can know yet what is written: then nobody lists anything with it at the same time. */
    isNew = false,
  ) {
    this.#repository = reference.withoutTag();
    this.name = this.#repository.toFamiliarString();
    this.#listing = new Listing(client, isNew);
  }

  async writeBlob(blob: Blob, onBytes: (count: number) => void = () => undefined): Promise<BlobFate> {
    const parts = {
      session: this.client.session,
      repository: this.#repository.repository,
      what: this.name,
      mayMount: (from: string) => !this.#refusedMounts.has(from),
      onMountRefused: (from: string) => this.#refusedMounts.add(from),
    };
    return uploadBlob(blob, parts, onBytes);
  }

  /** A tag is what makes an image visible: it is put last, and read back, for somebody else may move it meanwhile. */
  async writeManifest(document: Omit<Document<unknown>, 'value'>, tag?: string): Promise<void> {
    await this.#write(document, tag);
  }

  /**
   * Puts a manifest that says something of another one, and makes sure that it is listed with that. Not done for all that an
   * index has: buildx lists attestations of that kind there, and an image must not depend on it. Throws a KdeployError of which
   * `notTaken` tells whether the registry takes no such thing.
   */
  async attach(document: Omit<Document<unknown>, 'value'>): Promise<void> {
    const referrer = referrerIn(document);
    if (referrer === undefined) throw new Error(`${document.digest} has no subject`);
    const { subject, entry } = referrer;
    const written = this.#write(document, undefined).then((answer) =>
      answer?.get('oci-subject') === subject.digest ? undefined : entry,
    );
    await this.#listing.add(this.#repository.withDigest(subject.digest), written);
  }

  reasonNotTaken(error: unknown): Error | undefined {
    return notTaken(error);
  }

  async #write(
    document: Omit<Document<unknown>, 'value'>,
    tag: string | undefined,
  ): Promise<AnswerHeaders | undefined> {
    const { digest } = document;
    const reference = tag === undefined ? this.#repository.withDigest(digest) : this.#repository.withTag(tag);
    const answer = await putManifest(this.client, reference, document);
    await this.#readBack(reference, digest);
    return answer;
  }

  async #readBack(reference: ImageReference, digest: Digest): Promise<void> {
    let stored: Digest | undefined;
    for (const delay of READ_BACK_AFTER_MS) {
      if (delay > 0) await this.client.session.transport.pause(delay);
      stored = (await this.client.headManifest(reference))?.digest;
      if (stored === digest) return;
    }
    const what = reference.toFamiliarString();
    if (stored === undefined)
      throw new KdeployError('push-failed', `${what} was pushed, but is not there afterwards`, {
        hint: 'check the registry: a rule that cleans up, or a mirror that only reads, may be in the way',
      });
    throw new KdeployError('push-failed', `${what} was pushed as ${digest}, but names ${stored} afterwards`, {
      hint: 'someone else pushed the same tag: push again, or use a tag of your own',
    });
  }
}
