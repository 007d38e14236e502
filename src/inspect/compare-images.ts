import type { Layer } from '../image/layer.js';
import { isDigest } from '../image/digest.js';
import { MEDIA_TYPES } from '../image/manifest.js';
import type { Platform } from '../image/platform.js';
import { selectImage } from '../image/select-image.js';
import type { ImageOnEngine, LocatedImage } from '../locate/locate-image.js';
import { ExportedImage } from '../places/engine/exported-image.js';
import type { Step } from '../progress.js';
import { comparedImage, imageDifference, type ComparedImage, type ImageDifference } from './image-difference.js';
import { layersWithSteps } from './inspect-image.js';
import type { KeptPackages } from './kept-packages.js';
import { commonBase } from './layer-difference.js';
import { layerPackages } from './layer-packages.js';
import { packageDifference } from './packages-in-layers.js';

export interface CompareParts {
  readonly platform: Platform;
  /** The packages of layers that were read before. */
  readonly store: Pick<KeptPackages, 'find' | 'remember'>;
}

/** An image with what a comparison needs of it. */
interface OpenedImage {
  readonly compared: ComparedImage;
  readonly layers: readonly Layer[];
  /** For one on the engine, which gives all its layers at once. */
  readonly exported?: ExportedImage;
}

/**
 * What is different between two images, wherever they are, the Python packages in their own layers included. Throws what
 * `selectImage` and reading the layers throw.
 */
export async function compareImages(
  [a, b]: readonly [LocatedImage, LocatedImage],
  { platform, store }: CompareParts,
  step: Pick<Step, 'update'>,
): Promise<ImageDifference> {
  const [one, other] = [await openImage(a, platform), await openImage(b, platform)];
  const base = commonBase(one.layers, other.layers);
  for (const each of [one, other]) await readExport(each, base, store, step);
  const packages = await packageDifference(one.layers, other.layers, {
    store,
    onLayer: (number, of) => step.update(`layer ${number} of ${of}`),
  });
  return imageDifference(...distinguished([one.compared, a.place], [other.compared, b.place]), packages);
}

type Placed = readonly [image: ComparedImage, place: LocatedImage['place']];

/** One name may stand for an image on the engine and for another one in its registry. */
function distinguished([one, place]: Placed, [other, otherPlace]: Placed): [ComparedImage, ComparedImage] {
  if (one.reference !== other.reference || place === otherPlace) return [one, other];
  const named = (image: ComparedImage, where: string) => ({ ...image, reference: `${image.reference} (${where})` });
  return [named(one, place), named(other, otherPlace)];
}

async function openImage(located: LocatedImage, platform: Platform): Promise<OpenedImage> {
  if (located.place === 'engine') return onEngine(located);
  const { source } = located;
  const { image } = await selectImage(source, platform);
  return { compared: comparedImage(image, source.name), layers: image.layers };
}

/** What the engine tells of it suffices; only its layers would have to be exported. */
async function onEngine({ images, image, reference }: ImageOnEngine): Promise<OpenedImage> {
  const { id, platform, configuration } = image;
  const name = reference.toFamiliarString();
  const exported = new ExportedImage(images, id, name);
  const diffIds = image.layers.filter(isDigest);
  const described = layersWithSteps(image.layers, await images.history(id));
  return {
    exported,
    compared: {
      ...{ reference: name, id, platform, configuration },
      layers: described.map((layer) => ({ ...layer, diffId: layer.digest })),
    },
    layers: diffIds.map((digest) => {
      const descriptor = { mediaType: MEDIA_TYPES.ociLayer, digest, size: 0 };
      return { descriptor, diffId: digest, open: () => exported.blob(descriptor) };
    }),
  };
}

async function readExport(
  { layers, exported, compared }: OpenedImage,
  base: number,
  store: CompareParts['store'],
  step: Pick<Step, 'update'>,
): Promise<void> {
  if (exported === undefined) return;
  const known = await Promise.all(layers.slice(base).map(({ diffId }) => store.find(diffId)));
  if (!known.includes(undefined)) return;
  step.update(`reading ${compared.reference} from the engine`);
  const read = await exported.readLayers(layerPackages);
  await Promise.all(read.layers.map(({ diffId, value }) => store.remember(diffId, value)));
}
