import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { Finding } from '../finding.js';
import type { EngineImage, EngineImages } from '../places/engine/images.js';
import { parsed } from '../places/engine/answer.js';
import { KdeployError, messageOf } from '../errors.js';
import { parseImageConfig } from '../image/manifest-json.js';
import type { Image } from '../image/image.js';
import type { ImageConfig } from '../image/manifest.js';
import type { ImageReference } from '../image/reference.js';
import { imageSecrets, type LayerContents } from './image-secrets.js';
import { knownSecrets } from './known-secrets.js';
import type { LayerVerdicts } from './layer-verdicts.js';
import { scanLayer } from './scan-layer.js';

/** What earlier scans found. */
export type KeptVerdicts = Pick<LayerVerdicts, 'find' | 'remember'>;

/** manifest.json and configurations; everything larger in an exported image is a layer. */
const MAXIMUM_DOCUMENT = 8 * 1024 * 1024;

/** An image on the engine, and what reads it. */
export interface CheckedEngineImage {
  readonly image: EngineImage;
  readonly images: Pick<EngineImages, 'export' | 'history'>;
  readonly reference: ImageReference;
}

/** Looks for secrets in an image on the engine. Throws KdeployError `engine-unreachable` for one that cannot be read. */
export async function checkEngineImage(
  { image, images, reference }: CheckedEngineImage,
  verdicts: KeptVerdicts,
): Promise<Finding[]> {
  const name = reference.toFamiliarString();
  const known = await Promise.all(image.layers.map((diffId) => verdicts.find(diffId)));
  if (known.every((layer) => layer !== undefined)) return knownSecrets(images, image, verdicts);
  const { documents, layers } = await readExport(await images.export(image.id), name);
  const described = describedIn(documents, name);
  const contents = described.layers.map((path): LayerContents => {
    const layer = layers.get(path);
    if (layer === undefined) throw unreadable(name, 'a layer is missing');
    return layer;
  });
  const { diffIds } = described.config.rootfs;
  await Promise.all(contents.map((layer, index) => verdicts.remember(diffIds[index] ?? '', layer)));
  return findingsOf(described.config, contents, diffIds);
}

/** The same for an image anywhere else; its layers are read one after the other. */
export async function checkImage(
  { config, layers }: Pick<Image, 'config' | 'layers'>,
  verdicts: KeptVerdicts,
): Promise<Finding[]> {
  const contents: LayerContents[] = [];
  // By the digest that is verified: the diff ID is only the image's word.
  const digests = layers.map(({ descriptor }) => descriptor.digest);
  for (const [index, layer] of layers.entries()) {
    const digest = digests[index] ?? '';
    const known = await verdicts.find(digest);
    const scanned = known ?? (await scanLayer(layer.open()));
    if (known === undefined) await verdicts.remember(digest, scanned);
    contents.push(scanned);
  }
  return findingsOf(config.value, contents, digests);
}

function findingsOf(config: ImageConfig, layers: readonly LayerContents[], digests: readonly string[]): Finding[] {
  return imageSecrets({
    layers: layers.map((layer, index) => ({ ...layer, digest: digests[index] ?? '' })),
    history: config.history ?? [],
    env: config.run.env,
    labels: config.run.labels,
  });
}

interface Exported {
  readonly documents: ReadonlyMap<string, Buffer>;
  readonly layers: ReadonlyMap<string, LayerContents>;
}

/**
 * Goes through what `docker save` sends: layers as `<id>/layer.tar` (links where two are the same) and `<id>.json`, or
 * since Docker 25 `blobs/sha256/<digest>` for either. manifest.json, which distinguishes them, may come last.
 */
async function readExport(stream: Readable, name: string): Promise<Exported> {
  try {
    return await readEntries(stream);
  } catch (error) {
    if (error instanceof KdeployError) throw error;
    throw unreadable(name, messageOf(error), error);
  } finally {
    // Else an engine that goes on, or that waits, keeps the process.
    stream.destroy();
  }
}

async function readEntries(stream: Readable): Promise<Exported> {
  // An error that comes before it is listened for is told by the next read.
  const { extract } = await import('tar-stream');
  if (stream.errored) throw stream.errored;
  const documents = new Map<string, Buffer>();
  const layers = new Map<string, LayerContents>();
  const links = new Map<string, string>();
  const tar = extract();
  stream.on('error', (error: Error) => tar.destroy(error));
  stream.pipe(tar);
  for await (const entry of tar) {
    const { name, type, size, linkname } = entry.header;
    if (type === 'symlink' && typeof linkname === 'string')
      links.set(name, posix.normalize(posix.join(posix.dirname(name), linkname)));
    if (type !== 'file') {
      entry.resume();
      continue;
    }
    const chunks = entry[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await chunks.next();
    const begins: Buffer = first.done === true ? Buffer.alloc(0) : first.value;
    const rest = { [Symbol.asyncIterator]: () => resumed(begins, chunks) };
    if (/\.json$|^(?:repositories|oci-layout)$|\/VERSION$/.test(name) || begins[0] === 0x7b) {
      const content: Buffer[] = [];
      let length = 0;
      for await (const chunk of rest) if ((length += chunk.length) <= MAXIMUM_DOCUMENT) content.push(chunk);
      documents.set(name, Buffer.concat(content));
    } else if (size > 0) layers.set(name, await scanLayer(rest));
  }
  for (const [name, target] of links) {
    const layer = layers.get(target);
    if (layer !== undefined) layers.set(name, layer);
  }
  return { documents, layers };
}

async function* resumed(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function describedIn(documents: ReadonlyMap<string, Buffer>, name: string): { config: ImageConfig; layers: string[] } {
  const manifest = documents.get('manifest.json');
  if (manifest === undefined) throw unreadable(name, 'the engine sent no manifest.json');
  const list = parsed(manifest.toString('utf8'));
  const entry: unknown = Array.isArray(list) ? list[0] : undefined;
  const { Config, Layers } = (typeof entry === 'object' ? (entry ?? {}) : {}) as Readonly<Record<string, unknown>>;
  const config = typeof Config === 'string' ? documents.get(Config) : undefined;
  if (config === undefined || !Array.isArray(Layers) || !Layers.every((layer) => typeof layer === 'string'))
    throw unreadable(name, 'its configuration is missing');
  return { config: parseImageConfig(config, name), layers: Layers };
}

function unreadable(name: string, why: string, cause?: unknown): KdeployError {
  return new KdeployError('engine-unreachable', `${name} cannot be read from the engine: ${why}`, {
    hint: 'check that the engine is running and that nothing else answers in its place: `docker info`',
    ...(cause !== undefined && { cause }),
  });
}
