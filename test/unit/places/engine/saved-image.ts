import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export async function tar(files: Readonly<Record<string, string | Buffer | { readonly to: string }>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'object' && 'to' in content) archive.entry({ name, type: 'symlink', linkname: content.to });
    else archive.entry({ name }, content);
  }
  archive.finalize();
  return buffer(archive);
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function configuration(layers: readonly Buffer[]): string {
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    history: layers.map(() => ({ created_by: 'COPY . . # buildkit' })),
  });
}

/** What `docker save` made until Docker 24: a folder for each layer, and a link where two are the same. */
export async function savedByDocker24(first: Buffer, second: Buffer): Promise<Buffer> {
  const config = configuration([first, second, first]);
  const layers = ['a', 'b', 'c'].map((folder) => `${folder}/layer.tar`);
  return tar({
    'a/VERSION': '1.0',
    'a/layer.tar': first,
    'b/layer.tar': second,
    'c/layer.tar': { to: '../a/layer.tar' },
    [`${sha256(config)}.json`]: config,
    'manifest.json': JSON.stringify([{ Config: `${sha256(config)}.json`, Layers: layers }]),
  });
}

/** Since Docker 25: an OCI layout, in which nothing but manifest.json tells a layer from a document. */
export async function savedByDocker25(first: Buffer, second: Buffer): Promise<Buffer> {
  const config = configuration([first, second, first]);
  const blob = (bytes: string | Buffer): string => `blobs/sha256/${sha256(bytes)}`;
  return tar({
    [blob(config)]: config,
    [blob(first)]: first,
    [blob(second)]: second,
    'index.json': '{"schemaVersion": 2, "manifests": []}',
    'oci-layout': '{"imageLayoutVersion": "1.0.0"}',
    'manifest.json': JSON.stringify([{ Config: blob(config), Layers: [blob(first), blob(second), blob(first)] }]),
  });
}
