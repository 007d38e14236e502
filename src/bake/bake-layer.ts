import type { BakedFile } from '../image/bake-plan.js';
import { blobOf } from '../image/blob.js';
import { digestOf } from '../image/digest.js';
import { gzipStored } from '../image/gzip-stored.js';
import type { Layer } from '../image/layer.js';
import type { Locations } from '../image/locations.js';
import { MEDIA_TYPES } from '../image/manifest.js';
import { bakeArchive } from './bake-archive.js';

/**
 * A bake's files as a layer, made without the image: it repeats each folder that it goes through as the image has it, for
 * some engines unpack a layer by itself and would give those that have no entry a mode of their own
 * (containers/storage#1288). The same files give the same digest on every machine. `manifestType` decides its media type.
 */
export async function bakeLayer(
  files: readonly BakedFile[],
  { owner, real, folders }: Locations,
  manifestType: string,
): Promise<Layer> {
  const placed = files.map((file) => ({ ...file, path: realPath(file.path, real) })).sort(byPath);
  const isOnTheWay = (folder: string): boolean => placed.some(({ path }) => path.startsWith(`${folder}/`));
  const restated = Object.entries(folders)
    .filter(([path]) => isOnTheWay(path))
    .map(([path, { mtime, ...header }]) => ({ path, header: { ...header, mtime: new Date(mtime * 1000) } }))
    .sort(byPath);
  const tar = await bakeArchive(restated, (folder) => Object.hasOwn(folders, folder), placed, owner);
  const bytes = gzipStored(tar);
  const isDocker = manifestType === MEDIA_TYPES.dockerManifest;
  const mediaType = isDocker ? MEDIA_TYPES.dockerLayerGzip : MEDIA_TYPES.ociLayerGzip;
  return { ...blobOf({ bytes, digest: digestOf(bytes), mediaType }), diffId: digestOf(tar) };
}

/** A plan names folders as the image's configuration does; one of them may be a link, which a layer would replace. */
function realPath(path: string, real: Locations['real']): string {
  const folder = Object.keys(real).find((each) => path.startsWith(`${each}/`));
  return folder === undefined ? path : `${real[folder] ?? folder}${path.slice(folder.length)}`;
}

function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path < other.path ? -1 : 1;
}
