import type { Pack } from 'tar-stream';
import { KdeployError } from '../../errors.js';
import type { Digest } from '../../image/digest.js';
import type { Image } from '../../image/image.js';
import type { Layer } from '../../image/layer.js';
import type { EngineImage, EngineImages } from './images.js';
import type { ExportedImage, ExportEntry } from './exported-image.js';
import { intermediateTag } from './intermediate.js';

type Images = Pick<EngineImages, 'find' | 'load' | 'remove'>;

/** What `docker load` reads first (moby, image/tarexport/tarexport.go). */
const MANIFEST = 'manifest.json';

/** An image that an engine is to have. */
export interface LoadedParts {
  readonly image: Image;
  /** The layers that the engine may lack. */
  readonly added: readonly Layer[];
  /** The engine's own image that has the others; else they are read from where they are. */
  readonly exported?: ExportedImage;
}

/**
 * Gives an engine an image. First without the layers that it should have: an engine that keeps layers unpacked takes them by
 * their digests. One that does not gets all of them. `use` has the image for as long as it takes, and may give it tags; one
 * without is gone afterwards. Throws KdeployError `bake-failed` where the engine made something else of it, and what the
 * engine throws.
 */
export async function loadImage<Result>(
  images: Images,
  parts: LoadedParts,
  use: (image: EngineImage) => Promise<Result>,
): Promise<Result> {
  const { image: planned, added } = parts;
  const tag = intermediateTag();
  try {
    const isSparse = added.length < planned.layers.length;
    // Why it was not taken is found out, if need be, by the other way.
    if (isSparse) await loadArchive(images, (pack) => writeArchive(pack, parts, tag, false)).catch(() => undefined);
    if ((await images.find(tag)) === undefined)
      await loadArchive(images, (pack) => writeArchive(pack, parts, tag, true));
    const image = await images.find(tag);
    const problem = problemOf(image, planned);
    if (image === undefined || problem !== undefined)
      throw new KdeployError(
        'bake-failed',
        `the engine created an image that differs from the plan: ${problem ?? ''}`,
        {
          hint: 'no tag was moved; kdeploy needs Docker Engine 20.10 or Podman 4, or later: see `docker version`',
        },
      );
    return await use(image);
  } finally {
    // What went wrong before is what counts.
    await images.remove(tag).catch(() => undefined);
  }
}

async function loadArchive(images: Images, write: (pack: Pack) => Promise<void>): Promise<void> {
  const [{ pack }, { Readable }] = await Promise.all([import('tar-stream'), import('node:stream')]);
  const archive = pack();
  let unreadable: { readonly reason: unknown } | undefined;
  const written = write(archive).catch((reason: unknown) => {
    unreadable ??= { reason };
    archive.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  });
  try {
    await images.load(Readable.from(archive));
  } catch (error) {
    // An engine that has refused reads no more of it.
    unreadable ??= { reason: error };
    archive.destroy();
  }
  await written;
  if (unreadable !== undefined) throw unreadable.reason;
}

/** `isWhole`: with all that the engine may have already. */
async function writeArchive(
  pack: Pack,
  { image, added, exported }: LoadedParts,
  tag: string,
  isWhole: boolean,
): Promise<void> {
  if (isWhole && exported !== undefined) for await (const entry of exported.entries()) await passOn(pack, entry);
  const written = isWhole && exported === undefined ? image.layers : added;
  const digests = new Set(written.map(({ diffId }) => diffId));
  for (const digest of digests) {
    const layer = written.find(({ diffId }) => diffId === digest);
    if (layer !== undefined) await addLayer(pack, layer);
  }
  const config = `${image.config.digest.replace(/^sha256:/, '')}.json`;
  await addFile(pack, config, image.config.bytes);
  const layers = image.layers.map(async ({ diffId }) =>
    digests.has(diffId) ? pathOf(diffId) : ((await exported?.layerPath(diffId)) ?? pathOf(diffId)),
  );
  const manifest = [{ Config: config, RepoTags: [tag], Layers: await Promise.all(layers) }];
  await addFile(pack, MANIFEST, Buffer.from(JSON.stringify(manifest)));
  pack.finalize();
}

/** Everything but what says which images are in it. */
async function passOn(pack: Pack, entry: ExportEntry): Promise<void> {
  const { name, type } = entry.header;
  const isListing = [MANIFEST, 'repositories', 'index.json', 'oci-layout'].includes(name);
  if (isListing || (type !== 'file' && type !== 'symlink')) {
    entry.resume();
    return;
  }
  const { pipeline } = await import('node:stream/promises');
  const target = pack.entry(entry.header);
  if (type === 'file') await pipeline(entry, target);
  else entry.resume();
}

async function addFile(pack: Pack, name: string, content: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    pack.entry({ name, size: content.length }, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Compressed or not: an engine looks at how it begins. */
async function addLayer(pack: Pack, layer: Layer): Promise<void> {
  const [{ Readable }, { pipeline }] = await Promise.all([import('node:stream'), import('node:stream/promises')]);
  const target = pack.entry({ name: pathOf(layer.diffId), size: layer.descriptor.size });
  await pipeline(Readable.from(layer.open(), { objectMode: false }), target);
}

function pathOf(diffId: Digest): string {
  return `${diffId.replace(/^sha256:/, '')}/layer.tar`;
}

function problemOf(found: EngineImage | undefined, planned: Image): string | undefined {
  if (found === undefined) return 'it does not have it';
  const layers = planned.layers.map(({ diffId }) => diffId);
  if (JSON.stringify(found.layers) !== JSON.stringify(layers)) return 'its layers are others';
  const { labels } = planned.config.value.run;
  const differs = Object.keys(labels).some((name) => found.configuration.labels[name] !== labels[name]);
  return differs ? 'its labels are others' : undefined;
}
