import { digestOf } from '../../../src/image/digest.js';
import { parseManifest } from '../../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import type { Platform } from '../../../src/image/platform.js';
import type { ManifestTree } from '../../../src/image/tree.js';

/** An index that lists these, each for its platform. */
export function sampleIndex(...trees: readonly (readonly [platform: Platform, tree: ManifestTree])[]): ManifestTree {
  const manifests = trees.map(([platform, { document }]) => ({
    mediaType: document.mediaType,
    digest: document.digest,
    size: document.bytes.length,
    platform,
  }));
  const mediaType = MEDIA_TYPES.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const value = parseManifest(bytes, mediaType, 'the index');
  if (value.kind !== 'index') throw new TypeError('not an index');
  return {
    document: { bytes, mediaType, digest: digestOf(bytes), value },
    blobs: [],
    children: value.index.manifests.map((entry, index) => ({ entry, tree: trees[index]![1] })),
  };
}

export const AMD64: Platform = { os: 'linux', architecture: 'amd64' };
export const ARM64: Platform = { os: 'linux', architecture: 'arm64' };
/** As BuildKit lists an attestation. */
export const UNKNOWN: Platform = { os: 'unknown', architecture: 'unknown' };
