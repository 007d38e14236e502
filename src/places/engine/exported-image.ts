import { posix } from 'node:path';
import type { Extract } from 'tar-stream';
import { KdeployError, messageOf } from '../../errors.js';
import { digestOf, isDigest, type Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import { parseImageConfig, parseManifest, type ParsedManifest } from '../../image/manifest-json.js';
import { MEDIA_TYPES, type Descriptor, type ImageConfig } from '../../image/manifest.js';
import type { ImageSource } from '../../image/source.js';
import { parsed } from './answer.js';
import type { EngineImages } from './images.js';

/** manifest.json and configurations; everything larger in an exported image is a layer. */
const MAXIMUM_DOCUMENT = 8 * 1024 * 1024;

/** An entry of a TAR stream, with its content. */
export type ExportEntry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** What was read of an export: all but the layers' bytes. */
interface Contents {
  readonly root: Document<ParsedManifest>;
  readonly config: Document<ImageConfig>;
  /** The path of each layer in the export, by its diff ID. */
  readonly layerPaths: ReadonlyMap<Digest, string>;
}

/** What a reader made of the layers of an image, the lowest first. */
export interface ReadLayers<Value> {
  readonly config: ImageConfig;
  readonly layers: readonly { readonly diffId: Digest; readonly value: Value }[];
}

/**
 * An image on the engine, read out of what `docker save` sends: layers as `<id>/layer.tar` (links where two are the same) and
 * `<id>.json`, or since Docker 25 `blobs/sha256/<digest>` for either. manifest.json, which distinguishes them, may come last.
 * It has no manifest of its own, so one is made, of the uncompressed layers. Each read of a layer is another export.
 * What it throws has the code `engine-unreachable`.
 */
export class ExportedImage implements ImageSource {
  #contents: Promise<Contents> | undefined;

  constructor(
    private readonly images: Pick<EngineImages, 'export'>,
    readonly id: string,
    readonly name: string,
  ) {}

  async root(): Promise<Document<ParsedManifest>> {
    return (await this.#read()).root;
  }

  async manifest({ digest }: Pick<Descriptor, 'digest'>): Promise<Document<ParsedManifest>> {
    const { root } = await this.#read();
    if (root.digest === digest) return root;
    throw this.#unreadable(`it has no manifest ${digest}`);
  }

  async *blob({ digest }: Pick<Descriptor, 'digest'>): AsyncGenerator<Uint8Array> {
    const { config, layerPaths } = await this.#read();
    if (digest === config.digest) {
      yield config.bytes;
      return;
    }
    const path = layerPaths.get(digest);
    if (path === undefined) throw this.#unreadable(`it has no layer ${digest}`);
    for await (const entry of this.entries()) {
      if (entry.header.name === path) yield* entry as AsyncIterable<Uint8Array>;
      else entry.resume();
    }
  }

  /** Where the export has a layer. */
  async layerPath(diffId: Digest): Promise<string | undefined> {
    return (await this.#read()).layerPaths.get(diffId);
  }

  /** Reads all layers in one export. */
  async readLayers<Value>(read: (bytes: AsyncIterable<Uint8Array>) => Promise<Value>): Promise<ReadLayers<Value>> {
    const { contents, values } = await this.#pass(read);
    this.#contents ??= Promise.resolve(contents);
    const { diffIds } = contents.config.value.rootfs;
    const layers = diffIds.map((text) => {
      const diffId = text as Digest;
      const path = contents.layerPaths.get(diffId) ?? '';
      const value = values.get(path);
      if (!values.has(path)) throw this.#unreadable('a layer is missing');
      return { diffId, value: value as Value };
    });
    return { config: contents.config.value, layers };
  }

  /** All of the export, entry by entry. Each has to be read, or resumed. */
  async *entries(): AsyncGenerator<ExportEntry> {
    const stream = await this.images.export(this.id);
    try {
      const { extract } = await import('tar-stream');
      // An error that comes before it is listened for is told by the next read.
      if (stream.errored) throw stream.errored;
      const tar = extract();
      stream.on('error', (error: Error) => tar.destroy(error));
      stream.pipe(tar);
      yield* tar;
    } catch (error) {
      if (error instanceof KdeployError) throw error;
      throw this.#unreadable(messageOf(error), error);
    } finally {
      // Else an engine that goes on, or that waits, keeps the process.
      stream.destroy();
    }
  }

  #read(): Promise<Contents> {
    return (this.#contents ??= this.#pass(() => Promise.resolve()).then(({ contents }) => contents));
  }

  async #pass<Value>(
    read: (bytes: AsyncIterable<Uint8Array>) => Promise<Value>,
  ): Promise<{ readonly contents: Contents; readonly values: ReadonlyMap<string, Value> }> {
    const documents = new Map<string, Buffer>();
    const sizes = new Map<string, number>();
    const links = new Map<string, string>();
    const values = new Map<string, Value>();
    for await (const entry of this.entries()) {
      const { name, type, size, linkname } = entry.header;
      if (type === 'symlink' && typeof linkname === 'string')
        links.set(name, posix.normalize(posix.join(posix.dirname(name), linkname)));
      if (type === 'file' && size > 0) {
        sizes.set(name, size);
        const chunks = entry[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
        const first = await chunks.next();
        const begins: Buffer = first.done === true ? Buffer.alloc(0) : first.value;
        const bytes = { [Symbol.asyncIterator]: () => resumed(begins, chunks) };
        if (isDocument(name, begins)) documents.set(name, await documentIn(bytes));
        else values.set(name, await read(bytes));
      }
      // Nothing happens where all of it was taken.
      entry.resume();
    }
    return { contents: this.#contentsOf(documents, sizes, links), values };
  }

  #contentsOf(
    documents: ReadonlyMap<string, Buffer>,
    sizes: ReadonlyMap<string, number>,
    links: ReadonlyMap<string, string>,
  ): Contents {
    const listing = documents.get('manifest.json');
    if (listing === undefined) throw this.#unreadable('the engine sent no manifest.json');
    const list = parsed(listing.toString('utf8'));
    const entry: unknown = Array.isArray(list) ? list[0] : undefined;
    const { Config, Layers } = (typeof entry === 'object' ? (entry ?? {}) : {}) as Readonly<Record<string, unknown>>;
    const bytes = typeof Config === 'string' ? documents.get(Config) : undefined;
    if (bytes === undefined || !Array.isArray(Layers) || !Layers.every((layer) => typeof layer === 'string'))
      throw this.#unreadable('its configuration is missing');
    const value = parseImageConfig(bytes, this.name);
    const { diffIds } = value.rootfs;
    if (diffIds.length !== Layers.length) throw this.#unreadable('a layer is missing');
    const layerPaths = new Map<Digest, string>();
    const layers = diffIds.map((digest, index) => {
      const named = String(Layers[index]);
      const path = links.get(named) ?? named;
      const size = sizes.get(path);
      if (!isDigest(digest) || size === undefined) throw this.#unreadable('a layer is missing');
      layerPaths.set(digest, path);
      return { mediaType: MEDIA_TYPES.ociLayer, digest, size };
    });
    const config = { mediaType: MEDIA_TYPES.ociConfig, bytes, digest: digestOf(bytes), value };
    return { root: this.#manifestOf(config, layers), config, layerPaths };
  }

  #manifestOf(config: Document<unknown>, layers: readonly Descriptor[]): Document<ParsedManifest> {
    const mediaType = MEDIA_TYPES.ociManifest;
    const descriptor = { mediaType: config.mediaType, digest: config.digest, size: config.bytes.length };
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: descriptor, layers }));
    return { bytes, mediaType, digest: digestOf(bytes), value: parseManifest(bytes, mediaType, this.name) };
  }

  #unreadable(why: string, cause?: unknown): KdeployError {
    return new KdeployError('engine-unreachable', `${this.name} cannot be read from the engine: ${why}`, {
      hint: 'check that the engine is running and that nothing else answers in its place: `docker info`',
      ...(cause !== undefined && { cause }),
    });
  }
}

/** By its name, or because no layer begins like one. */
function isDocument(name: string, begins: Buffer): boolean {
  return /\.json$|^(?:repositories|oci-layout)$|\/VERSION$/.test(name) || begins[0] === 0x7b;
}

/** What is longer than any document is passed over. */
async function documentIn(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const content: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) if ((length += chunk.length) <= MAXIMUM_DOCUMENT) content.push(chunk);
  return Buffer.concat(content);
}

async function* resumed(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
