import type { Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import type { Descriptor, IndexEntry } from '../../image/manifest.js';
import { parseManifest, type ParsedManifest } from '../../image/manifest-json.js';
import type { ImageReference } from '../../image/reference.js';
import type { ImageSource } from '../../image/source.js';
import type { RegistryClient } from './client.js';
import { referrersOf } from './referrers.js';

/** An image in a registry, to be read. Throws what RegistryClient throws, and `image-not-found` for anything that is not an image. */
export class RegistrySource implements ImageSource {
  readonly name: string;
  readonly repository: ImageReference;
  #root: Promise<Document<ParsedManifest>> | undefined;

  constructor(
    private readonly client: RegistryClient,
    private readonly reference: ImageReference,
  ) {
    this.name = reference.toFamiliarString();
    this.repository = reference.withoutTag();
  }

  /** Asked once: a tag that moves meanwhile must not give parts of two images. */
  root(): Promise<Document<ParsedManifest>> {
    return (this.#root ??= this.#read(this.reference));
  }

  manifest({ digest }: Pick<Descriptor, 'digest'>): Promise<Document<ParsedManifest>> {
    return this.#read(this.repository.withDigest(digest));
  }

  blob(descriptor: Descriptor): AsyncIterable<Uint8Array> {
    return this.client.readBlob(this.reference, descriptor);
  }

  referrers(digest: Digest): Promise<readonly IndexEntry[]> {
    return referrersOf(this.client, this.repository.withDigest(digest));
  }

  async tagged(tag: string): Promise<Digest | undefined> {
    return (await this.client.headManifest(this.repository.withTag(tag)))?.digest;
  }

  async #read(reference: ImageReference): Promise<Document<ParsedManifest>> {
    const { bytes, digest, mediaType: said } = await this.client.getManifest(reference);
    const value = parseManifest(bytes, said, this.name);
    const { mediaType } = value.kind === 'image' ? value.manifest : value.index;
    return { bytes, digest, mediaType, value };
  }
}
