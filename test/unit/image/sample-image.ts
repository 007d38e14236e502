import { digestOf } from '../../../src/image/digest.js';
import { imageOf, type Image } from '../../../src/image/image.js';
import { parseImageConfig, parseManifest } from '../../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';

const WHAT = 'sample:v1';

/** An image whose layers are these texts; `config` and `manifest` are merged into its documents. */
export function sampleImage(layers: readonly string[], config: object = {}, manifest: object = {}): Image {
  const configBytes = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      ...config,
      rootfs: { type: 'layers', diff_ids: layers.map((text) => digestOf(`tar of ${text}`)) },
    }),
  );
  const manifestBytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(configBytes), size: configBytes.length },
      layers: layers.map(descriptorOf),
      ...manifest,
    }),
  );
  const parsed = parseManifest(manifestBytes, MEDIA_TYPES.ociManifest, WHAT);
  if (parsed.kind !== 'image') throw new TypeError('an index');
  const byDigest = new Map<string, string>(layers.map((text) => [digestOf(text), text]));
  const documentOf = <Value>(bytes: Buffer, mediaType: string, value: Value) => ({
    ...{ bytes, mediaType, value },
    digest: digestOf(bytes),
  });
  return imageOf({
    manifest: documentOf(manifestBytes, MEDIA_TYPES.ociManifest, parsed.manifest),
    config: documentOf(configBytes, MEDIA_TYPES.ociConfig, parseImageConfig(configBytes, WHAT)),
    layers: parsed.manifest.layers.map((descriptor) => ({
      descriptor,
      open: async function* () {
        yield await Promise.resolve(Buffer.from(byDigest.get(descriptor.digest) ?? ''));
      },
    })),
    what: WHAT,
  });
}

export const descriptorOf = (text: string) => ({
  mediaType: MEDIA_TYPES.ociLayerGzip,
  digest: digestOf(text),
  size: text.length,
});
