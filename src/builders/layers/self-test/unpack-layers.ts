import { KdeployError } from '../../../errors.js';
import type { Layer } from '../../../image/layer.js';
import { readLayer, type LayerEntry } from '../../../image/read-layer.js';
import { deletedBy } from '../../../image/whiteout.js';
import { fileProblem } from '../../../system-error.js';
import type { ScratchFolder } from './scratch-folder.js';

/**
 * Unpacks layers one over the other: files, folders and links with their modes, owned by whoever runs kdeploy. Devices are left
 * out, as is all that would lie outside of the folder. Throws KdeployError `image-unusable` for a layer that cannot be
 * decompressed here, `configuration` for what the file system refuses.
 */
export async function unpackLayers(layers: readonly Layer[], scratch: ScratchFolder): Promise<void> {
  try {
    for (const layer of layers) await unpackLayer(layer, scratch);
  } catch (error) {
    throw fileProblem(error) ?? error;
  }
}

async function unpackLayer(layer: Layer, scratch: ScratchFolder): Promise<void> {
  // A whiteout is about the layers below, wherever in its layer it stands (OCI image spec, layer.md, "Whiteouts").
  const isReadable = await readLayer(layer.open(), ({ path }) => {
    const deleted = deletedBy(path);
    return deleted === undefined ? undefined : scratch.remove(deleted);
  });
  if (!isReadable) {
    throw new KdeployError('image-unusable', 'a layer of the image cannot be decompressed by this Node.js', {
      hint: 'run kdeploy with Node.js 22.15 or later, which reads zstd',
    });
  }
  await readLayer(layer.open(), (entry) => (deletedBy(entry.path) === undefined ? write(entry, scratch) : undefined));
}

function write({ path, type, mode, linkname = '', bytes }: LayerEntry, scratch: ScratchFolder): Promise<void> | void {
  if (type === 'directory') return scratch.folder(path, mode & 0o777);
  if (type === 'symlink') return scratch.link(path, linkname);
  if (type === 'link') return scratch.hardLink(path, linkname);
  if (type === 'file' || type === 'contiguous-file') return scratch.file(path, mode, bytes());
}
