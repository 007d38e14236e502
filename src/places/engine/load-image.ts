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

/**
 * Gives an engine an image that differs in some layers from one that it has. First without the layers that it has: an engine
 * that keeps layers unpacked takes them by their digests. One that does not gets all of them. `loaded` may look at the image
 * before it is let go of, and gives it its tags. Throws KdeployError `bake-failed` where the engine made something else of it,
 * and what the engine throws.
 */
export async function loadImage<Result>(
  images: Images,
  before: { readonly image: Image; readonly exported: ExportedImage },
  after: Image,
  loaded: (image: EngineImage) => Promise<Result>,
): Promise<Result> {
  const known = new Set(before.image.layers.map(({ diffId }) => diffId));
  const added = after.layers.filter(({ diffId }) => !known.has(diffId));
  const tag = intermediateTag();
  try {
    const archived = (pack: Pack, isWhole: boolean) => writeArchive(pack, { ...before, after, added, tag, isWhole });
    await loadArchive(images, (pack) => archived(pack, false)).catch(() => undefined);
    if ((await images.find(tag)) === undefined) await loadArchive(images, (pack) => archived(pack, true));
    const image = await images.find(tag);
    const problem = problemOf(image, after);
    if (image === undefined || problem !== undefined)
      throw new KdeployError(
        'bake-failed',
        `the engine created an image that differs from the plan: ${problem ?? ''}`,
        {
          hint: 'no tag was moved; kdeploy needs Docker Engine 20.10 or Podman 4, or later: see `docker version`',
        },
      );
    return await loaded(image);
  } finally {
    // What went wrong before is what counts.
    await images.remove(tag).catch(() => undefined);
  }
}

async function loadArchive(images: Images, write: (pack: Pack) => Promise<void>): Promise<void> {
  const { pack } = await import('tar-stream');
  const { Readable } = await import('node:stream');
  const archive = pack();
  const written = write(archive).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const [sent] = await Promise.allSettled([images.load(Readable.from(archive)), written]);
  await written;
  if (sent.status === 'rejected') throw sent.reason;
}

interface Archived {
  readonly exported: ExportedImage;
  readonly after: Image;
  readonly added: readonly Layer[];
  readonly tag: string;
  /** With all that the engine has already. */
  readonly isWhole: boolean;
}

async function writeArchive(pack: Pack, { exported, after, added, tag, isWhole }: Archived): Promise<void> {
  if (isWhole) for await (const entry of exported.entries()) await passOn(pack, entry);
  for (const layer of added) await addFile(pack, pathOf(layer.diffId), await bytesOf(layer));
  const config = `${after.config.digest.replace(/^sha256:/, '')}.json`;
  await addFile(pack, config, after.config.bytes);
  const isAdded = (diffId: Digest) => added.some((layer) => layer.diffId === diffId);
  const layers = after.layers.map(async ({ diffId }) =>
    isAdded(diffId) ? pathOf(diffId) : ((await exported.layerPath(diffId)) ?? pathOf(diffId)),
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
  await new Promise<void>((resolve, reject) => {
    const target = pack.entry(entry.header, (error) => (error ? reject(error) : resolve()));
    if (type === 'file') entry.pipe(target);
    else entry.resume();
  });
}

async function addFile(pack: Pack, name: string, content: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    pack.entry({ name, size: content.length }, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** A layer of kdeploy's is some 100 kB. */
async function bytesOf(layer: Layer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pathOf(diffId: Digest): string {
  return `${diffId.replace(/^sha256:/, '')}/layer.tar`;
}

function problemOf(found: EngineImage | undefined, after: Image): string | undefined {
  if (found === undefined) return 'it does not have it';
  const planned = after.layers.map(({ diffId }) => diffId);
  if (JSON.stringify(found.layers) !== JSON.stringify(planned)) return 'its layers are others';
  const { labels } = after.config.value.run;
  const differs = Object.keys(labels).some((name) => found.configuration.labels[name] !== labels[name]);
  return differs ? 'its labels are others' : undefined;
}
