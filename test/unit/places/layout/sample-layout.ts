import { pack } from 'tar-stream';
import type { Blob } from '../../../../src/image/blob.js';
import { digestOf, type Digest } from '../../../../src/image/digest.js';
import type { Image } from '../../../../src/image/image.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { sampleImage } from '../../image/sample-image.js';

export type Files = Readonly<Record<string, Buffer>>;

export interface SampleEntry {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: object;
  readonly platform?: object;
}

export const NAME = 'org.opencontainers.image.ref.name';

export const json = (value: unknown) => Buffer.from(JSON.stringify(value));
export const pathOf = (digest: string) => `blobs/${digest.replace(':', '/')}`;
export const blobFiles = (...all: readonly Buffer[]): Files =>
  Object.fromEntries(all.map((bytes) => [pathOf(digestOf(bytes)), bytes]));

/** An image whose layers are these texts, as files of a layout, and the entry by which an index lists it. */
export function layoutImage(
  layers: readonly string[],
  more: { readonly name?: string; readonly platform?: { readonly os: string; readonly architecture: string } } = {},
): { image: Image; entry: SampleEntry; files: Files } {
  const image = sampleImage(layers, { architecture: more.platform?.architecture ?? 'amd64' });
  const { manifest, config } = image;
  return {
    image,
    entry: {
      mediaType: MEDIA_TYPES.ociManifest,
      digest: manifest.digest,
      size: manifest.bytes.length,
      ...(more.name !== undefined && { annotations: { [NAME]: more.name } }),
      ...(more.platform !== undefined && { platform: more.platform }),
    },
    files: blobFiles(manifest.bytes, config.bytes, ...layers.map((text) => Buffer.from(text))),
  };
}

/** A layout as skopeo and crane write it. */
export function layoutFiles(entries: readonly object[], ...blobs: readonly Files[]): Files {
  return {
    'oci-layout': json({ imageLayoutVersion: '1.0.0' }),
    'index.json': json({ schemaVersion: 2, manifests: entries }),
    ...(Object.assign({}, ...blobs) as Files),
  };
}

/** Names may come twice; a text that begins with `-> ` is what a symbolic link leads to. */
export async function tarOf(entries: readonly (readonly [name: string, content: Buffer | string])[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of entries)
    if (typeof content === 'string' && content.startsWith('-> '))
      tar.entry({ name, type: 'symlink', linkname: content.slice(3) });
    else tar.entry({ name }, content);
  tar.finalize();
  return bytesOf(tar as unknown as AsyncIterable<Uint8Array>);
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function textBlob(text: string | Buffer, named: string | Buffer = text): Blob {
  return {
    descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(named), size: Buffer.from(named).length },
    open: async function* () {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}
