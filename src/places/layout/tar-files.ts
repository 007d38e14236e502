import { open, realpath } from 'node:fs/promises';
import { constants } from 'node:fs';
import { KdeployError } from '../../errors.js';
import { fileBytes } from './file-bytes.js';
import { unlessMissing } from './folder-files.js';
import type { LayoutFiles, StoredFile } from './layout-files.js';
import { indexTar, inside, type TarEntry } from './tar-index.js';

/** More links than one leads to the next are a circle. */
const MAXIMUM_LINKS = 8;

/** The files in a TAR file. Where they are in it is read once; after that each is read by itself. */
export class TarFiles implements LayoutFiles {
  private constructor(
    readonly path: string,
    private readonly file: string,
    private readonly index: ReadonlyMap<string, TarEntry>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Throws KdeployError `image-not-found` where there is no TAR file. */
  static async open(path: string, signal?: AbortSignal): Promise<TarFiles> {
    const file = await unlessMissing(realpath(path));
    if (file === undefined)
      throw new KdeployError('image-not-found', `there is no file ${path}`, { hint: 'correct the path' });
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile())
        throw new KdeployError('image-not-found', `${path} is not a file`, { hint: 'name a file' });
      return new TarFiles(path, file, await indexTar(handle, path), signal);
    } finally {
      await handle.close();
    }
  }

  find(name: string): Promise<StoredFile | undefined> {
    const entry = this.index.get(name);
    if (entry?.kind === 'link') return Promise.reject(this.#unusable(name, 'is a link, which kdeploy does not follow'));
    return this.#stored(name, entry);
  }

  /** `docker save` used to write a layer once, and a link to it wherever it comes again. */
  findThroughLinks(name: string): Promise<StoredFile | undefined> {
    let current = inside(name);
    for (let links = 0; links < MAXIMUM_LINKS; links++) {
      const entry = current === undefined ? undefined : this.index.get(current);
      if (entry?.kind !== 'link') return this.#stored(name, entry);
      if (entry.target === undefined)
        return Promise.reject(this.#unusable(name, 'is a link that leads out of the file'));
      current = entry.target;
    }
    return Promise.reject(this.#unusable(name, 'is a link that leads in a circle'));
  }

  #stored(name: string, entry: Exclude<TarEntry, { kind: 'link' }> | undefined): Promise<StoredFile | undefined> {
    if (entry?.kind === 'ambiguous')
      return Promise.reject(this.#unusable(name, 'is there twice, and tools differ in which one they read'));
    if (entry === undefined) return Promise.resolve(undefined);
    const { offset: start, size } = entry;
    return Promise.resolve({ size, open: () => fileBytes(this.file, { start, size, signal: this.signal }) });
  }

  #unusable(name: string, why: string): KdeployError {
    return new KdeployError('image-not-found', `${name} in ${this.path} ${why}`, { hint: 'write the image again' });
  }
}
