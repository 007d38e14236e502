import { KdeployError } from '../../errors.js';
import type { Digest } from '../../image/digest.js';
import type { Layer } from '../../image/layer.js';
import { MEDIA_TYPES } from '../../image/manifest.js';
import type { ImageEntry } from './pack/image-entry.js';
import { packLayer, type GzipForm } from './pack/pack-layer.js';

/**
 * Compressed bytes that are kept until the build ends. A project without data has a few hundred kilobytes, for which packing
 * again would take longer than sending; two layers of this size are what a build can spare of its memory, and beside sending
 * more than this, packing it again is little.
 */
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * A layer that is nowhere: it is packed once to know what it is called, and, unless it is small enough to be kept, again whenever
 * its bytes are asked for, which are the same, since a layer is a function of its entries (nlewo/nix2container). For what
 * changes with each build. Throws KdeployError `build-failed` where the entries cannot be packed; reading the bytes of a large
 * layer does so at their end where a file changed since, for nothing else would tell a registry's refusal from a bug.
 */
export async function packedAgain(
  entries: () => Iterable<ImageEntry>,
  gzip: GzipForm,
  keptBytes = KEPT_BYTES,
): Promise<Layer> {
  const { bytes, facts } = packLayer(entries(), gzip);
  const kept: Uint8Array[] = [];
  let length = 0;
  // Whatever is wrong with the entries is found here.
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length <= keptBytes) kept.push(chunk);
    else kept.length = 0;
  }
  const { digest, diffId, size } = facts();
  return {
    descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size },
    diffId,
    open: () => (size <= keptBytes ? inTurn(kept) : packedAs(digest, entries(), gzip)),
  };
}

async function* inTurn(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function* packedAs(digest: Digest, entries: Iterable<ImageEntry>, gzip: GzipForm): AsyncGenerator<Uint8Array> {
  const { bytes, facts } = packLayer(entries, gzip);
  yield* bytes;
  if (facts().digest === digest) return;
  throw new KdeployError('build-failed', 'a file changed while the image was built from it', {
    hint: 'build again, and make sure that nothing writes to the project during the build, or exclude what is written in .dockerignore',
  });
}
