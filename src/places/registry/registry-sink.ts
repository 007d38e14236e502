import { KdeployError } from '../../errors.js';
import type { Blob } from '../../image/blob.js';
import type { Document } from '../../image/document.js';
import type { ImageReference } from '../../image/reference.js';
import type { BlobFate, ImageSink } from '../../image/sink.js';
import { pushScope } from './authorizer.js';
import type { RegistryClient } from './client.js';
import { ConnectionError } from './connection-error.js';
import { RegistryError } from './registry-error.js';
import { uploadBlob } from './upload-blob.js';

const MAXIMUM_BYTES = 64 * 1024;

/** A repository of a registry, to be written to. What it throws has the code `push-failed`, or is the client's. */
export class RegistrySink implements ImageSink {
  readonly name: string;
  readonly #repository: ImageReference;
  readonly #refusedMounts = new Set<string>();

  constructor(
    private readonly client: RegistryClient,
    reference: ImageReference,
  ) {
    this.#repository = reference.withoutTag();
    this.name = this.#repository.toFamiliarString();
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
  async writeManifest({ bytes, mediaType, digest }: Omit<Document<unknown>, 'value'>, tag?: string): Promise<void> {
    const { session } = this.client;
    const { repository } = this.#repository;
    const reference = tag === undefined ? this.#repository.withDigest(digest) : this.#repository.withTag(tag);
    const what = reference.toFamiliarString();
    try {
      await session.send({
        method: 'PUT',
        path: `v2/${repository}/manifests/${tag ?? digest}`,
        scope: pushScope(repository),
        headers: { 'Content-Type': mediaType },
        body: () => new Uint8Array(bytes),
        expect: [200, 201, 202, 204],
        maximumBytes: MAXIMUM_BYTES,
        what,
      });
    } catch (error) {
      // What became of a request without an answer is asked below.
      const isUnanswered = (error instanceof ConnectionError || error instanceof RegistryError) && error.temporary();
      const isPut = isUnanswered && (await this.client.headManifest(reference))?.digest === digest;
      if (isPut) return;
      if (error instanceof RegistryError && ![401, 403].includes(error.status)) throw refused(error, what);
      throw await session.explained(error, what);
    }
    const stored = await this.client.headManifest(reference);
    if (stored?.digest === digest) return;
    throw new KdeployError(
      'push-failed',
      `${what} was pushed as ${digest}, but names ${stored?.digest ?? 'nothing'} afterwards`,
      {
        hint: 'someone else pushed the same tag: push again, or use a tag of your own',
      },
    );
  }
}

function refused(error: RegistryError, what: string): KdeployError {
  const isImmutable = /immutable|cannot be overwritten|already exists/i.test(error.message);
  return new KdeployError(
    'push-failed',
    isImmutable
      ? `${what} exists already, and the registry does not let a tag be moved`
      : `${error.host} refused the manifest of ${what}`,
    { cause: error, hint: isImmutable ? 'push under another tag' : 'fix what the registry reports, then push again' },
  );
}
