import type { Document } from './document.js';
import type { Digest } from './digest.js';
import type { Descriptor, IndexEntry } from './manifest.js';
import type { ParsedManifest } from './manifest-json.js';
import type { ImageReference } from './reference.js';

/** Where an image is read from: a repository of a registry, a layout, an archive. */
export interface ImageSource {
  /** For messages: `registry.example.com/team/app:v1`, `oci:dist`. */
  readonly name: string;
  /** The repository that the blobs are in, where it is one of a registry. */
  readonly repository?: ImageReference;
  /** What the name stands for: an image's manifest, or an index. Throws KdeployError `image-not-found` where there is none. */
  root(): Promise<Document<ParsedManifest>>;
  /** One that an index lists, digest verified. */
  manifest(descriptor: Pick<Descriptor, 'digest'>): Promise<Document<ParsedManifest>>;
  /** The bytes of a configuration or a layer; size and digest are verified at the end, by a KdeployError. */
  blob(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** What the place lists as saying something of a manifest: signatures, SBOMs. */
  referrers?(digest: Digest): Promise<readonly IndexEntry[]>;
  /** What another tag of the repository stands for; `undefined`: nothing. */
  tagged?(tag: string): Promise<Digest | undefined>;
}
