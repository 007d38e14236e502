import type { EngineImage, EngineImages } from '../places/engine/images.js';
import type { Finding } from '../finding.js';
import type { Image } from '../image/image.js';
import type { HistoryStep } from '../image/manifest.js';
import { imageSecrets, type LayerContents } from './image-secrets.js';
import type { LayerVerdicts } from './layer-verdicts.js';

const NOT_SCANNED: LayerContents = { files: [], repositories: [], deleted: [], isUnread: false };

/**
 * The secrets in an image on the engine that can be known without reading a layer: those in its configuration and history,
 * and those that an earlier scan found in its layers. For a push, which must not take longer than it does.
 */
export async function knownSecrets(
  images: Pick<EngineImages, 'history'>,
  image: Pick<EngineImage, 'id' | 'layers' | 'configuration'>,
  verdicts: Pick<LayerVerdicts, 'find'>,
): Promise<Finding[]> {
  const [history, layers] = await Promise.all([
    historyOf(images, image.id),
    Promise.all(image.layers.map(async (digest) => ({ ...((await verdicts.find(digest)) ?? NOT_SCANNED), digest }))),
  ]);
  const { env, labels } = image.configuration;
  return imageSecrets({ layers, history, env, labels });
}

/** The same for an image that is a value: one in a registry. */
export async function knownSecretsIn(
  { config, layers }: Pick<Image, 'config' | 'layers'>,
  verdicts: Pick<LayerVerdicts, 'find'>,
): Promise<Finding[]> {
  const { run, history = [] } = config.value;
  const contents = layers.map(async ({ descriptor: { digest } }) => ({
    ...((await verdicts.find(digest)) ?? NOT_SCANNED),
    digest,
  }));
  return imageSecrets({ layers: await Promise.all(contents), history, env: run.env, labels: run.labels });
}

/** The engine lists the newest step first, and says of none whether it made a layer. */
export async function historyOf(images: Pick<EngineImages, 'history'>, id: string): Promise<HistoryStep[]> {
  const steps = await images.history(id);
  return steps.reverse().map(({ createdBy, size }) => ({ createdBy, isEmpty: size === 0 }));
}
