import { digestOf } from '../../../src/image/digest.js';
import type { Image } from '../../../src/image/image.js';
import type { ImageReference } from '../../../src/image/reference.js';
import type { RemoteImage } from '../../../src/places/registry/remote-image.js';
import { sampleImage } from '../image/sample-image.js';

/** Of what `remoteImage` stands for: an index. */
export const DIGEST = digestOf('manifest');
/** As few as a baked image has. */
export const LABELS = { 'io.kdeploy.version': '0.1.0', 'io.kdeploy.plan': 'sha256:p' };

/** An image as a registry has it. */
export function remoteImage(reference: ImageReference, image: Image = sampleImage(LAYERS, CONFIG)): RemoteImage {
  return { reference, digest: DIGEST, image };
}

export const LAYERS = ['a'.repeat(100), 'b'.repeat(23)];
const CONFIG = {
  created: '2024-01-02T03:04:05Z',
  config: { User: 'u', WorkingDir: '/w', Entrypoint: ['e'], Cmd: ['c'], Labels: LABELS },
};
