import { KdeployError } from '../../errors.js';
import type { Digest } from '../../image/digest.js';
import type { Layer } from '../../image/layer.js';
import { MEDIA_TYPES } from '../../image/manifest.js';
import type { ImageEntry } from './pack/image-entry.js';
import { packLayer, type GzipForm } from './pack/pack-layer.js';

/**
 * A layer that is nowhere: it is packed once to know what it is called, and again whenever its bytes are asked for, which are
 * the same, since a layer is a function of its entries (nlewo/nix2container). For what is small, or changes with each build.
 * Throws KdeployError `build-failed` where the entries cannot be packed; reading its bytes does so at their end where a file changed
 * since, for nothing else would tell a registry's refusal from a bug.
 */
export async function packedAgain(entries: () => Iterable<ImageEntry>, gzip: GzipForm): Promise<Layer> {
  const { bytes, facts } = packLayer(entries(), gzip);
  // Whatever is wrong with the entries is found here.
  for await (const chunk of bytes) if (chunk.length === 0) continue;
  const { digest, diffId, size } = facts();
  return {
    descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size },
    diffId,
    open: () => packedAs(digest, entries(), gzip),
  };
}

async function* packedAs(digest: Digest, entries: Iterable<ImageEntry>, gzip: GzipForm): AsyncGenerator<Uint8Array> {
  const { bytes, facts } = packLayer(entries, gzip);
  yield* bytes;
  if (facts().digest === digest) return;
  throw new KdeployError('build-failed', 'a file changed while the image was built from it', {
    hint: 'build again, and make sure that nothing writes to the project during the build, or exclude what is written in .dockerignore',
  });
}
