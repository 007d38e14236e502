import type { IndexEntry } from './manifest.js';
import type { ImageSource } from './source.js';
import { readTree } from './tree.js';

/**
 * The first that a referrer consists of: an SBOM is one document. `undefined` where there is none, or it is larger than that.
 * Throws what the source throws.
 */
export async function readReferrerDocument(
  entry: Pick<IndexEntry, 'digest'>,
  source: ImageSource,
  maximumBytes: number,
): Promise<Buffer | undefined> {
  const { document, blobs } = await readTree(source, entry);
  const layer = document.value.kind === 'image' ? blobs[1] : undefined;
  if (layer === undefined || layer.descriptor.size > maximumBytes) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
