import { lstat, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { fileBytes } from './file-bytes.js';
import type { LayoutFiles, StoredFile } from './layout-files.js';

/** The files of a layout in a folder. A link in it is not followed: others may have made the layout, and the link. */
export class FolderFiles implements LayoutFiles {
  private constructor(
    readonly path: string,
    private readonly root: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Throws KdeployError `image-not-found` where there is no folder. */
  static async open(path: string, signal?: AbortSignal): Promise<FolderFiles> {
    const root = await unlessMissing(realpath(path));
    if (root === undefined || !(await stat(root)).isDirectory())
      throw new KdeployError('image-not-found', `there is no folder ${path}`, { hint: 'correct the path' });
    return new FolderFiles(path, root, signal);
  }

  async find(name: string): Promise<StoredFile | undefined> {
    const file = join(this.root, name);
    const entry = await unlessMissing(lstat(file));
    if (entry === undefined) return undefined;
    if (entry.isSymbolicLink() || (await realpath(file)) !== file) throw this.#notAFile(name, 'is a link');
    if (!entry.isFile()) throw this.#notAFile(name, 'is not a file');
    const { size } = entry;
    const part = { start: 0, size, signal: this.signal };
    return { size, open: () => fileBytes(file, part) };
  }

  #notAFile(name: string, what: string): KdeployError {
    return new KdeployError('image-not-found', `${name} in ${this.path} ${what}, which kdeploy does not follow`, {
      hint: 'replace it with the file itself',
    });
  }
}

/** Undefined where the file system says that there is nothing. */
export async function unlessMissing<Value>(found: Promise<Value>): Promise<Value | undefined> {
  try {
    return await found;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
    throw error;
  }
}
