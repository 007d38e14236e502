import { KdeployError } from '../../errors.js';
import { digestOf, digestOfStream, type Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import { parseImageConfig, parseManifest, type ParsedManifest } from '../../image/manifest-json.js';
import { MEDIA_TYPES, type Descriptor } from '../../image/manifest.js';
import type { ImageSource } from '../../image/source.js';
import { chooseImage } from './choose-image.js';
import { readDocument, type StoredFile } from './layout-files.js';
import type { TarFiles } from './tar-files.js';
import { verified } from './verified.js';

/** One image of `docker save`, as its manifest.json lists it. */
interface ArchivedImage {
  readonly names: readonly string[];
  readonly configPath: string;
  readonly layerPaths: readonly string[];
}

/** What was read of an image: its manifest, and where its blobs are. */
interface OpenImage {
  readonly root: Document<ParsedManifest>;
  readonly blobs: ReadonlyMap<Digest, StoredFile>;
}

const MAXIMUM_CONFIG_BYTES = 8 * 1024 * 1024;

/** A layer as the archive has it, by its first bytes (RFC 1952, RFC 8878). */
const COMPRESSED: readonly [magic: string, mediaType: string][] = [
  ['1f8b', MEDIA_TYPES.ociLayerGzip],
  ['28b52ffd', MEDIA_TYPES.ociLayerZstd],
];

/**
 * An image in a file that `docker save` wrote: before Docker 25 with a folder for each layer, since then with an OCI image
 * layout beside the manifest.json. It has no manifest of its own, so one is made, the same each time: the bytes of
 * configuration and layers stay as they are, so that the configuration's digest is the ID that the engine knows it by.
 * What it throws has the code `image-not-found`.
 */
export class DockerArchive implements ImageSource {
  #opened: Promise<OpenImage> | undefined;

  constructor(
    private readonly files: TarFiles,
    readonly name: string,
    /** A name or an ID, where the archive may have several images. */
    private readonly wanted?: string,
  ) {}

  /** Reads each layer once, for its digest. */
  async root(): Promise<Document<ParsedManifest>> {
    return (await this.#open()).root;
  }

  async manifest({ digest }: Pick<Descriptor, 'digest'>): Promise<Document<ParsedManifest>> {
    const { root } = await this.#open();
    if (root.digest === digest) return root;
    throw this.#unreadable(`it has no manifest ${digest}`);
  }

  async *blob(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const file = (await this.#open()).blobs.get(descriptor.digest);
    if (file === undefined) throw this.#unreadable(`it has no blob ${descriptor.digest}`);
    yield* verified(file.open(), descriptor, this.name);
  }

  #open(): Promise<OpenImage> {
    return (this.#opened ??= this.#read());
  }

  async #read(): Promise<OpenImage> {
    const { configPath, layerPaths } = await this.#chosen();
    const blobs = new Map<Digest, StoredFile>();
    const { file: configFile, bytes } = await this.#config(configPath);
    const config = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(bytes), size: bytes.length };
    blobs.set(config.digest, configFile);
    const { diffIds } = parseImageConfig(bytes, this.name).rootfs;
    if (diffIds.length !== layerPaths.length)
      throw this.#unreadable(`it has ${layerPaths.length} layers, its configuration ${diffIds.length}`);
    const layers: Descriptor[] = [];
    for (const [index, path] of layerPaths.entries()) {
      const file = await this.files.findThroughLinks(path);
      if (file === undefined) throw this.#unreadable(`it lacks the layer ${path}`);
      const layer = await this.#layer(file, path, diffIds[index] ?? '');
      blobs.set(layer.digest, file);
      layers.push(layer);
    }
    return { root: this.#manifestOf(config, layers), blobs };
  }

  async #layer(file: StoredFile, path: string, diffId: string): Promise<Descriptor> {
    let first = Buffer.alloc(0);
    const { digest, size } = await digestOfStream(
      (async function* () {
        for await (const chunk of file.open()) {
          if (first.length < 4) first = Buffer.concat([first, chunk.subarray(0, 4)]);
          yield chunk;
        }
      })(),
    );
    const magic = first.toString('hex');
    const mediaType = COMPRESSED.find(([start]) => magic.startsWith(start))?.[1] ?? MEDIA_TYPES.ociLayer;
    if (mediaType === MEDIA_TYPES.ociLayer && digest !== diffId)
      throw this.#unreadable(`its layer ${path} is not the one that its configuration names`);
    const named = /^blobs\/(sha256)\/([a-f0-9]{64})$/.exec(path);
    if (named !== null && digest !== `sha256:${named[2] ?? ''}`)
      throw this.#unreadable(`its layer ${path} has other bytes than its name says`);
    return { mediaType, digest, size };
  }

  #manifestOf(config: Descriptor, layers: readonly Descriptor[]): Document<ParsedManifest> {
    const mediaType = MEDIA_TYPES.ociManifest;
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
    return { bytes, mediaType, digest: digestOf(bytes), value: parseManifest(bytes, mediaType, this.name) };
  }

  async #chosen(): Promise<ArchivedImage> {
    const images = await this.#images();
    const [only] = images;
    if (images.length === 1 && only !== undefined && this.wanted === undefined) return only;
    const withIds = [];
    for (const image of images)
      withIds.push({ ...image, digest: digestOf((await this.#config(image.configPath)).bytes) });
    const chosen = chooseImage(withIds, this.wanted, { what: this.name, path: this.files.path });
    if (chosen !== undefined) return chosen;
    throw new KdeployError('image-not-found', `there is no ${this.name}`, {
      hint: 'an archive of Docker has no digests but the IDs of its images, as `docker images --no-trunc` shows them',
    });
  }

  async #config(path: string): Promise<{ file: StoredFile; bytes: Buffer }> {
    const file = await this.files.find(path);
    const bytes = await readDocument(this.files, path, MAXIMUM_CONFIG_BYTES);
    if (file === undefined || bytes === undefined) throw this.#unreadable(`it lacks the configuration ${path}`);
    return { file, bytes };
  }

  async #images(): Promise<ArchivedImage[]> {
    const bytes = await readDocument(this.files, 'manifest.json');
    if (bytes === undefined)
      throw new KdeployError(
        'image-not-found',
        `${this.files.path} was not written by \`docker save\`: it has no manifest.json`,
        {
          hint: `if it is an OCI image layout, name it oci-archive:${this.files.path}`,
        },
      );
    const list = imagesIn(bytes);
    if (list === undefined) throw this.#unreadable('its manifest.json is not a list of images');
    return list;
  }

  #unreadable(why: string): KdeployError {
    return new KdeployError('image-not-found', `${this.name} is not an image that kdeploy can read: ${why}`, {
      hint: 'write it again with `docker save`',
    });
  }
}

function imagesIn(bytes: Buffer): ArchivedImage[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!Array.isArray(list)) return undefined;
  const images = list.map(imageOf);
  return images.every((image) => image !== undefined) ? images : undefined;
}

function imageOf(value: unknown): ArchivedImage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { Config: configPath, Layers: layers, RepoTags: tags } = value as Readonly<Record<string, unknown>>;
  const layerPaths = strings(layers);
  // An image that has no name has null.
  const names = tags === undefined || tags === null ? [] : strings(tags);
  if (typeof configPath !== 'string' || layerPaths === undefined || names === undefined) return undefined;
  return { names, configPath, layerPaths };
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
