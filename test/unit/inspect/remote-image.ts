import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import type { ImageReference } from '../../../src/image/reference.js';
import type { RemoteImage } from '../../../src/places/registry/remote-image.js';

/** Of what `remoteImage` stands for: an index. */
export const DIGEST = digestOf('manifest');
/** As few as a baked image has. */
export const LABELS = { 'io.kdeploy.version': '0.1.0', 'io.kdeploy.plan': 'sha256:p' };

const unread = (): never => {
  throw new Error('a layer was read');
};

/** An image as a registry has it. */
export function remoteImage(reference: ImageReference, changes: Partial<RemoteImage> = {}): RemoteImage {
  return {
    reference,
    digest: DIGEST,
    manifestDigest: digestOf('one of an index'),
    platform: { os: 'linux', architecture: 'amd64' },
    manifest: {
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('config'), size: 6 },
      layers: [],
    },
    config: {
      os: 'linux',
      architecture: 'amd64',
      created: '2024-01-02T03:04:05Z',
      run: { user: 'u', workingDirectory: '/w', env: [], entrypoint: ['e'], cmd: ['c'], labels: LABELS },
      rootfs: { diffIds: [] },
    },
    layers: [
      { descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('a'), size: 100 }, open: unread },
      { descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('b'), size: 23 }, open: unread },
    ],
    ...changes,
  };
}
