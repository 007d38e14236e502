import type { Digest } from '../image/digest.js';
import type { Document } from '../image/document.js';
import type { Descriptor, IndexEntry } from '../image/manifest.js';
import type { ParsedManifest } from '../image/manifest-json.js';
import type { ImageReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import { blobPath, type LayoutFiles } from '../places/layout/layout-files.js';

/** An image of which the documents and some layers are in a layout, and the other layers where it was baked from. */
export class WaitingSource implements ImageSource {
  readonly name: string;
  readonly repository?: ImageReference;

  constructor(
    private readonly layout: ImageSource,
    private readonly files: LayoutFiles,
    private readonly digest: Digest,
    private readonly origin: ImageSource | undefined,
  ) {
    this.name = layout.name;
    // A registry that does not have what the bake made says so, and is sent it.
    if (origin?.repository !== undefined) this.repository = origin.repository;
  }

  root(): Promise<Document<ParsedManifest>> {
    return this.layout.manifest({ digest: this.digest });
  }

  manifest(descriptor: Pick<Descriptor, 'digest'>): Promise<Document<ParsedManifest>> {
    return this.layout.manifest(descriptor);
  }

  /** What belongs to the image that it was baked from does not belong to this one. */
  async referrers(digest: Digest): Promise<readonly IndexEntry[]> {
    return (await this.layout.referrers?.(digest)) ?? [];
  }

  async *blob(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const file = await this.files.find(blobPath(descriptor.digest));
    yield* (file === undefined ? (this.origin ?? this.layout) : this.layout).blob(descriptor);
  }
}
