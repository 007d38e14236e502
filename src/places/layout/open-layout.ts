import { stat } from 'node:fs/promises';
import { KdeployError } from '../../errors.js';
import { formatImageAddress, type FileAddress } from '../../image/address.js';
import type { ImageSource } from '../../image/source.js';
import { DockerArchive } from './docker-archive.js';
import { FolderFiles, unlessMissing } from './folder-files.js';
import { LayoutSource } from './image-layout.js';
import { LAYOUT_FILE } from './layout-version.js';
import { TarFiles } from './tar-files.js';

/**
 * Opens an image in a file or a folder, whichever is there. Throws KdeployError `image-not-found` where there is neither, or
 * something else than the address says; what is read of it later ends with the signal's reason.
 */
export async function openLayout(address: FileAddress, signal?: AbortSignal): Promise<ImageSource> {
  const { place, path, name: wanted } = address;
  const name = formatImageAddress(address);
  const entry = await unlessMissing(stat(path));
  if (entry?.isDirectory() === true) {
    if (place === 'archive')
      throw new KdeployError('image-not-found', `${path} is a folder, not a file that \`docker save\` wrote`, {
        hint: `if it is an OCI image layout, name it oci:${path}`,
      });
    return new LayoutSource(await FolderFiles.open(path, signal), name, wanted);
  }
  if (entry === undefined)
    throw new KdeployError('image-not-found', `there is no file or folder ${path}`, { hint: 'correct the path' });
  const files = await TarFiles.open(path, signal);
  if (place === 'archive') return new DockerArchive(files, name, wanted);
  if ((await files.find(LAYOUT_FILE)) === undefined && (await files.find('manifest.json')) !== undefined)
    throw new KdeployError('image-not-found', `${path} is not an OCI image layout: \`docker save\` wrote it`, {
      hint: `name it docker-archive:${path}`,
    });
  // By what it is, however the user named it.
  return new LayoutSource(files, name.replace(/^oci:/, 'oci-archive:'), wanted);
}
