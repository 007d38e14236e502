import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { pack } from 'tar-stream';

import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

export interface SampleImage {
  /** An OCI image layout with the one image, or index, in it. */
  readonly layout: string;
  readonly digest: string;
  /** How many blobs it has, each counted once. */
  readonly blobs: number;
  /** The digests of those that are layers. */
  readonly layers: readonly string[];
  /** `linux/amd64` */
  readonly platforms: readonly string[];
}

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Images written by hand, which neither an engine nor our own code has touched. */
export class SampleImages {
  private constructor(private readonly folder: TemporaryFolder) {}

  static async create(): Promise<SampleImages> {
    return new SampleImages(await TemporaryFolder.create());
  }

  /** For one platform, with a layer of so many bytes that do not get smaller. */
  async image(name: string, layerBytes = 1000): Promise<SampleImage> {
    const layout = new Layout();
    return this.#written(name, layout, image(layout, 'amd64', await layer('app', layerBytes)));
  }

  /** As buildx writes it: two platforms that share a layer, and an attestation of each (moby/buildkit, attestation-storage.md). */
  async attestedIndex(name: string): Promise<SampleImage> {
    const layout = new Layout();
    const shared = await layer('shared', 1000);
    const manifests: Entry[] = [];
    for (const architecture of ['amd64', 'arm64']) {
      const own = image(layout, architecture, shared, await layer(architecture, 1000));
      const platform = { os: 'linux', architecture };
      const about = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': own.digest };
      const unknown = { os: 'unknown', architecture: 'unknown' };
      manifests.push(
        { ...own, platform },
        { ...attestation(layout, own.digest), platform: unknown, annotations: about },
      );
    }
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
    return this.#written(name, layout, layout.document(index, MEDIA_TYPES.ociIndex));
  }

  remove(): Promise<void> {
    return this.folder.remove();
  }

  async #written(name: string, { files, blobs, layers, architectures }: Layout, root: Entry): Promise<SampleImage> {
    const all: Record<string, string | Buffer> = {
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'index.json': JSON.stringify({ schemaVersion: 2, manifests: [root] }),
    };
    for (const [digest, content] of files) all[path.join('blobs', digest.replace(':', '/'))] = content;
    await this.folder.write(
      Object.fromEntries(Object.entries(all).map(([file, content]) => [`${name}/${file}`, content])),
    );
    return {
      layout: this.folder.file(name),
      digest: root.digest,
      blobs: blobs.size,
      layers,
      platforms: architectures.map((each) => `linux/${each}`),
    };
  }
}

class Layout {
  readonly files = new Map<string, Buffer>();
  readonly blobs = new Set<string>();
  readonly layers: string[] = [];
  readonly architectures: string[] = [];

  blob(content: Buffer, mediaType: string): Entry {
    const entry = this.#add(content, mediaType);
    this.blobs.add(entry.digest);
    return entry;
  }

  layer(tar: Buffer): Entry {
    const entry = this.blob(gzipSync(tar), MEDIA_TYPES.ociLayerGzip);
    this.layers.push(entry.digest);
    return entry;
  }

  document(value: object, mediaType: string): Entry {
    return this.#add(Buffer.from(JSON.stringify(value)), mediaType);
  }

  #add(content: Buffer, mediaType: string): Entry {
    const digest = digestOf(content);
    this.files.set(digest, content);
    return { mediaType, digest, size: content.length };
  }
}

function image(layout: Layout, architecture: string, ...layers: readonly Buffer[]): Entry {
  layout.architectures.push(architecture);
  const config = {
    os: 'linux',
    architecture,
    config: { Entrypoint: ['/app'] },
    rootfs: { type: 'layers', diff_ids: layers.map((tar) => digestOf(tar)) },
  };
  return layout.document(
    {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: layout.blob(Buffer.from(JSON.stringify(config)), MEDIA_TYPES.ociConfig),
      layers: layers.map((tar) => layout.layer(tar)),
    },
    MEDIA_TYPES.ociManifest,
  );
}

function attestation(layout: Layout, subject: string): Entry {
  const statement = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://slsa.dev/provenance/v0.2',
      subject: [{ name: 'app', digest: { sha256: subject.replace('sha256:', '') } }],
      predicate: {},
    }),
  );
  const config = {
    os: 'unknown',
    architecture: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf(statement)] },
  };
  const annotations = { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' };
  return layout.document(
    {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: layout.blob(Buffer.from(JSON.stringify(config)), MEDIA_TYPES.ociConfig),
      layers: [{ ...layout.blob(statement, 'application/vnd.in-toto+json'), annotations }],
    },
    MEDIA_TYPES.ociManifest,
  );
}

async function layer(name: string, bytes: number): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, mtime: new Date(0) }, randomBytes(bytes));
  archive.finalize();
  return buffer(archive);
}
