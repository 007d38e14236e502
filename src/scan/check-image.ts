import type { Finding } from '../finding.js';
import { ExportedImage } from '../places/engine/exported-image.js';
import type { EngineImage, EngineImages } from '../places/engine/images.js';
import type { Image } from '../image/image.js';
import type { ImageConfig } from '../image/manifest.js';
import type { ImageReference } from '../image/reference.js';
import { imageSecrets, type LayerContents } from './image-secrets.js';
import { knownSecrets } from './known-secrets.js';
import type { LayerVerdicts } from './layer-verdicts.js';
import { scanLayer } from './scan-layer.js';

/** What earlier scans found. */
export type KeptVerdicts = Pick<LayerVerdicts, 'find' | 'remember'>;

/** An image on the engine, and what reads it. */
export interface CheckedEngineImage {
  readonly image: EngineImage;
  readonly images: Pick<EngineImages, 'export' | 'history'>;
  readonly reference: ImageReference;
}

/** Looks for secrets in an image on the engine. Throws KdeployError `engine-unreachable` for one that cannot be read. */
export async function checkEngineImage(
  { image, images, reference }: CheckedEngineImage,
  verdicts: KeptVerdicts,
): Promise<Finding[]> {
  const name = reference.toFamiliarString();
  const known = await Promise.all(image.layers.map((diffId) => verdicts.find(diffId)));
  if (known.every((layer) => layer !== undefined)) return knownSecrets(images, image, verdicts);
  const { config, layers } = await new ExportedImage(images, image.id, name).readLayers(scanLayer);
  await Promise.all(layers.map(({ diffId, value }) => verdicts.remember(diffId, value)));
  return findingsOf(
    config,
    layers.map(({ value }) => value),
    layers.map(({ diffId }) => diffId),
  );
}

/** The same for an image anywhere else; its layers are read one after the other. */
export async function checkImage(
  { config, layers }: Pick<Image, 'config' | 'layers'>,
  verdicts: KeptVerdicts,
): Promise<Finding[]> {
  const contents: LayerContents[] = [];
  // By the digest that is verified: the diff ID is only the image's word.
  const digests = layers.map(({ descriptor }) => descriptor.digest);
  for (const [index, layer] of layers.entries()) {
    const digest = digests[index] ?? '';
    const known = await verdicts.find(digest);
    const scanned = known ?? (await scanLayer(layer.open()));
    if (known === undefined) await verdicts.remember(digest, scanned);
    contents.push(scanned);
  }
  return findingsOf(config.value, contents, digests);
}

function findingsOf(config: ImageConfig, layers: readonly LayerContents[], digests: readonly string[]): Finding[] {
  return imageSecrets({
    layers: layers.map((layer, index) => ({ ...layer, digest: digests[index] ?? '' })),
    history: config.history ?? [],
    env: config.run.env,
    labels: config.run.labels,
  });
}
