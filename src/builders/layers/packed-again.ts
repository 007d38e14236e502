import type { Layer } from '../../image/layer.js';
import { MEDIA_TYPES } from '../../image/manifest.js';
import type { ImageEntry } from './pack/image-entry.js';
import { packLayer, type GzipForm } from './pack/pack-layer.js';

/**
 * A layer that is nowhere: it is packed once to know what it is called, and again whenever its bytes are asked for, which are
 * the same, since a layer is a function of its entries (nlewo/nix2container). For what is small, or changes with each build.
 */
export async function packedAgain(entries: () => Iterable<ImageEntry>, gzip: GzipForm): Promise<Layer> {
  const { bytes, facts } = packLayer(entries(), gzip);
  // Whatever is wrong with the entries is found here.
  for await (const chunk of bytes) if (chunk.length === 0) continue;
  const { digest, diffId, size } = facts();
  return {
    descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size },
    diffId,
    open: () => packLayer(entries(), gzip).bytes,
  };
}
