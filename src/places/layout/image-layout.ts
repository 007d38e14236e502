import { KdeployError } from '../../errors.js';
import { digestOf, isDigest, isDigestOf, type Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import { parseManifest, type ParsedManifest } from '../../image/manifest-json.js';
import {
  isIndexMediaType,
  isManifestMediaType,
  MEDIA_TYPES,
  platformsOf,
  type Descriptor,
  type ImageIndex,
  type IndexEntry,
} from '../../image/manifest.js';
import { formatPlatform } from '../../image/platform.js';
import { referrerIn, type Referrer } from '../../image/referrer.js';
import type { ImageSource } from '../../image/source.js';
import { chooseImage } from './choose-image.js';
import { blobPath, readDocument, type LayoutFiles } from './layout-files.js';
import { assertLayout } from './layout-version.js';
import { corrupt, verified } from './verified.js';

/** Where a layout says what an image is called: the spec's annotation (annotations.md), and containerd's. */
export const NAME_ANNOTATION = 'org.opencontainers.image.ref.name';
const NAME_ANNOTATIONS = [NAME_ANNOTATION, 'io.containerd.image.name'];

/** An image in an OCI image layout (OCI image spec, image-layout.md). What it throws has the code `image-not-found`. */
export class LayoutSource implements ImageSource {
  #referrers: Promise<readonly Referrer[]> | undefined;

  constructor(
    private readonly files: LayoutFiles,
    readonly name: string,
    /** A name or a digest, where the layout may have several images. */
    private readonly wanted?: string,
  ) {}

  async root(): Promise<Document<ParsedManifest>> {
    await assertLayout(this.files);
    const listed = await this.#index();
    if (listed === undefined)
      throw new KdeployError('image-not-found', `${this.files.path} has no index.json, so no image in it`);
    const { bytes, index } = listed;
    if (this.wanted === undefined && isOneImage(index))
      return { bytes, digest: digestOf(bytes), mediaType: index.mediaType, value: { kind: 'index', index } };
    const chosen = chooseImage(imagesIn(index), this.wanted, { what: this.name, path: this.files.path });
    if (chosen !== undefined) return this.#document(chosen.entry);
    // One that an index in the layout lists.
    if (this.wanted !== undefined && isDigest(this.wanted)) return this.manifest({ digest: this.wanted });
    throw new KdeployError('image-not-found', `there is no ${this.name}`);
  }

  manifest({ digest }: Pick<Descriptor, 'digest'>): Promise<Document<ParsedManifest>> {
    return this.#document({ digest });
  }

  async *blob(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const { digest } = descriptor;
    const file = await this.files.find(blobPath(digest));
    if (file === undefined) throw this.#missing(digest);
    yield* verified(file.open(), descriptor, this.name);
  }

  /** Layouts have no list of them: they are what the index.json lists, and what names a subject. */
  async referrers(digest: Digest): Promise<readonly IndexEntry[]> {
    const all = await (this.#referrers ??= this.#readReferrers());
    return all.filter(({ subject }) => subject.digest === digest).map(({ entry }) => entry);
  }

  async #readReferrers(): Promise<Referrer[]> {
    const { index } = (await this.#index()) ?? {};
    const found: Referrer[] = [];
    for (const entry of index?.manifests ?? []) {
      if (!isManifestMediaType(entry.mediaType) && !isIndexMediaType(entry.mediaType)) continue;
      const referrer = await this.#referrer(entry);
      if (referrer !== undefined) found.push(referrer);
    }
    return found;
  }

  /** What cannot be read belongs to nothing: an image need not suffer from what else is in its layout. */
  async #referrer(entry: IndexEntry): Promise<Referrer | undefined> {
    try {
      return referrerIn(await this.#document(entry));
    } catch (error) {
      if (error instanceof KdeployError && error.code === 'image-not-found') return undefined;
      throw error;
    }
  }

  async #index(): Promise<{ readonly bytes: Buffer; readonly index: ImageIndex } | undefined> {
    const bytes = await readDocument(this.files, 'index.json');
    if (bytes === undefined) return undefined;
    const parsed = parseManifest(bytes, MEDIA_TYPES.ociIndex, `the index.json of ${this.files.path}`);
    if (parsed.kind !== 'index')
      throw new KdeployError('image-not-found', `the index.json of ${this.files.path} is not an index`);
    return { bytes, index: parsed.index };
  }

  async #document({
    digest,
    mediaType: said,
    size,
  }: Pick<Descriptor, 'digest'> & Partial<Descriptor>): Promise<Document<ParsedManifest>> {
    const bytes = await readDocument(this.files, blobPath(digest));
    if (bytes === undefined) throw this.#missing(digest);
    if (size !== undefined && size !== bytes.length)
      throw corrupt(this.name, `${bytes.length} bytes for ${digest}, which should have ${size}`);
    if (!isDigestOf(digest, bytes)) throw corrupt(this.name, `other bytes than those of ${digest}`);
    const value = parseManifest(bytes, said ?? likelyMediaType(bytes), this.name);
    const { mediaType } = value.kind === 'image' ? value.manifest : value.index;
    return { bytes, digest, mediaType, value };
  }

  #missing(digest: Digest): KdeployError {
    return new KdeployError('image-not-found', `${this.name} is incomplete: it has no blob ${digest}`, {
      hint: 'write the image again; a layout of which one platform was fetched has only the blobs of that one',
    });
  }
}

function imagesIn({ manifests }: ImageIndex): { digest: Digest; names: readonly string[]; entry: IndexEntry }[] {
  const images = manifests.filter(
    (entry) =>
      (isManifestMediaType(entry.mediaType) || isIndexMediaType(entry.mediaType)) &&
      // What is not an image, such as the SBOM of one, is listed by its type alone; by a name it can be asked for.
      (entry.artifactType === undefined || namesOf(entry).length > 0),
  );
  // A layout with nothing else in it is read on, to say what is wrong with it.
  return (images.length > 0 ? images : manifests).map((entry) => ({
    digest: entry.digest,
    names: namesOf(entry),
    entry,
  }));
}

function namesOf({ annotations = {} }: IndexEntry): string[] {
  const names = NAME_ANNOTATIONS.map((key) => (Object.hasOwn(annotations, key) ? annotations[key] : undefined));
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))].map(String);
}

/** Some tools write the platforms of one image without an index of their own. */
function isOneImage(index: ImageIndex): boolean {
  const { manifests } = index;
  const platforms = platformsOf(index).map(formatPlatform);
  return (
    new Set(manifests.map(({ digest }) => digest)).size > 1 &&
    platforms.length > 0 &&
    new Set(platforms).size === platforms.length &&
    manifests.every((entry) => entry.platform !== undefined && namesOf(entry).length === 0)
  );
}

/** Of a document that does not say it itself, as it need not (manifest.md, `mediaType`), where nothing else does. */
function likelyMediaType(bytes: Buffer): string {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    const isIndex = typeof document === 'object' && document !== null && 'manifests' in document;
    return isIndex ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest;
  } catch (error) {
    // It is read again, by what says what is wrong with it.
    if (error instanceof SyntaxError) return MEDIA_TYPES.ociManifest;
    throw error;
  }
}
