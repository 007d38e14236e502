import { chmod, link, lstat, mkdir, open, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { existingRealPath, isWithin } from '../../../real-path.js';

/**
 * A temporary folder that the file system of an image is laid out in. Nothing is written outside of it, whatever the paths and
 * links of the image are: what would be is left out. Unlike a GuardedFolder it is nobody else's, so files are neither
 * flushed to the disk nor moved into their place.
 */
export class ScratchFolder {
  private constructor(
    /** Absolute, no link on the way. */
    readonly root: string,
  ) {}

  /** The folders that entries were written into, which need not be looked at for each entry. */
  #known = new Map<string, string>();

  static async at(folder: string): Promise<ScratchFolder> {
    return new ScratchFolder(await realpath(folder));
  }

  /** Where a path of the image is: `/opt/venv`. */
  locate(image: string): string {
    return path.join(this.root, image);
  }

  /** Whether there is something at a path of the image. */
  async has(image: string): Promise<boolean> {
    return (await lstat(this.locate(image)).catch(() => undefined)) !== undefined;
  }

  async folder(image: string, mode = 0o755): Promise<void> {
    const place = await this.#place(image);
    if (place === undefined) return;
    const entry = await lstat(place).catch(() => undefined);
    if (entry?.isDirectory() !== true) {
      await this.#clear(place);
      await mkdir(place);
    }
    // Its owner writes into it, and takes it away.
    await chmod(place, mode | 0o700);
  }

  async file(image: string, mode: number, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const place = await this.#place(image);
    if (place === undefined) return;
    await this.#clear(place);
    const handle = await open(place, 'wx');
    try {
      await writeFile(handle, content);
      // Whatever the umask.
      await handle.chmod(mode & 0o777);
    } finally {
      await handle.close();
    }
  }

  /** A symbolic link as an image has it: an absolute target starts in the image. One that leads out of the image is left out. */
  async link(image: string, target: string): Promise<void> {
    const place = await this.#place(image);
    if (place === undefined) return;
    const parent = path.dirname(place);
    const inside = path.isAbsolute(target) ? this.locate(target) : path.join(parent, target);
    if (!isWithin(inside, this.root)) return;
    await this.#clear(place);
    await symlink(path.relative(parent, inside) || '.', place);
  }

  /** A symbolic link to something on this machine. */
  async linkOut(image: string, target: string): Promise<void> {
    const place = await this.#place(image);
    if (place === undefined) return;
    await this.#clear(place);
    await symlink(target, place);
  }

  /** A second name of a file of the image. */
  async hardLink(image: string, other: string): Promise<void> {
    const [place, file] = [await this.#place(image), await this.#place(other)];
    if (place === undefined || file === undefined) return;
    const entry = await lstat(file).catch(() => undefined);
    if (entry?.isFile() !== true || place === file) return;
    await this.#clear(place);
    await link(file, place);
  }

  /** With all that is in it; a path that ends with a slash means only that. */
  async remove(image: string): Promise<void> {
    const isContent = image === '' || image.endsWith('/');
    const place = image === '' ? this.root : await this.#place(image);
    if (place === undefined) return;
    if (!isContent) return this.#clear(place);
    const entry = await lstat(place).catch(() => undefined);
    if (entry?.isDirectory() !== true) return;
    for (const name of await readdir(place)) await this.#clear(path.join(place, name));
  }

  async #clear(place: string): Promise<void> {
    const entry = await lstat(place).catch(() => undefined);
    if (entry === undefined) return;
    if (!entry.isFile()) this.#known.clear();
    await rm(place, { recursive: true, force: true });
  }

  /** The real place of a path, in a folder that exists; `undefined`: it is not below the root. */
  async #place(image: string): Promise<string | undefined> {
    const parts = image.split('/').filter((part) => part !== '' && part !== '.');
    const name = parts.pop();
    if (name === undefined || name === '..' || parts.includes('..')) return undefined;
    const above = parts.join('/');
    const parent = this.#known.get(above) ?? (await this.#parent(above));
    return parent === undefined ? undefined : path.join(parent, name);
  }

  async #parent(above: string): Promise<string | undefined> {
    const real = await existingRealPath(this.locate(above));
    if (!isWithin(real, this.root)) return undefined;
    // What is in the way was made by a lower layer, and hidden by this one.
    const found = await lstat(real).catch(() => undefined);
    if (found?.isDirectory() === false) await this.#clear(real);
    const isMade = await mkdir(real, { recursive: true }).then(
      () => true,
      () => false,
    );
    // A file, or a link that leads nowhere, is on the way.
    if (!isMade) return undefined;
    this.#known.set(above, real);
    return real;
  }
}
