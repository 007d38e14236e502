import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { KdeployError, systemCodeOf } from './errors.js';
import { existingRealPath, isWithin } from './real-path.js';

export interface NewFile {
  /** A stream, for what is too large to be held, is asked for anew where it has to be written again. */
  readonly content: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Whatever the umask. Otherwise that of the file that is replaced, else as the umask has it. */
  readonly mode?: number;
}

/**
 * The one way to write into a folder that others fill, such as a project: a folder in it may be a link to anywhere. Below
 * a root, no path leads out of it. On Linux each step starts from a folder that is open already, so that what was looked
 * at is what is written to, whatever is moved meanwhile.
 */
export class GuardedFolder {
  private constructor(
    private readonly handle: FileHandle,
    /** How the open folder is reached: by its descriptor, where the system has such paths. */
    private readonly path: string,
  ) {}

  /**
   * Opens a folder below the root, or the root, and makes it with `create`. Throws KdeployError `configuration` where a
   * link leads it out of the root, or a file is in its way, and otherwise what the file system says.
   */
  static async open(root: string, folder: string, { create = false } = {}): Promise<GuardedFolder> {
    if (create) await mkdir(root, { recursive: true });
    const realRoot = await realpath(root);
    const real = await existingRealPath(join(realRoot, folder));
    if (!isWithin(real, realRoot)) throw leadsOut(folder);
    let current = await GuardedFolder.enter(realRoot, realRoot);
    const names = relative(realRoot, real).split(sep).filter(Boolean);
    for (const [index, name] of names.entries()) {
      try {
        const next = await current.below(name, create);
        await current.close();
        current = next;
      } catch (error) {
        const entry = await current.statistics(name).catch(() => undefined);
        await current.close();
        if (entry?.isSymbolicLink() === true) throw leadsOut(folder);
        if (entry?.isDirectory() === false) throw inTheWay(names.slice(0, index + 1).join('/'));
        throw error;
      }
    }
    return current;
  }

  private static async enter(path: string, shown: string): Promise<GuardedFolder> {
    // Windows knows neither: undefined, so 0.
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const byDescriptor = `/proc/self/fd/${handle.fd}`;
    const isSame = await Promise.all([handle.stat(), stat(byDescriptor)]).then(
      ([opened, found]) => opened.ino === found.ino && opened.dev === found.dev,
      () => false,
    );
    return new GuardedFolder(handle, isSame ? byDescriptor : shown);
  }

  private async below(name: string, create: boolean): Promise<GuardedFolder> {
    const path = this.at(name);
    if (create)
      await mkdir(path).catch((error: unknown) => {
        if (systemCodeOf(error) !== 'EEXIST') throw error;
      });
    return GuardedFolder.enter(path, path);
  }

  /** Of the entry itself, not of what a link leads to; `undefined` where there is none. */
  async statistics(name: string): Promise<Stats | undefined> {
    return lstat(this.at(name)).catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
  }

  /** The whole file appears at once, and only where nothing is: of two at the same time, one gets `false`. */
  async create(name: string, file: NewFile): Promise<boolean> {
    try {
      await this.prepared(file, undefined, (temporary) =>
        link(temporary, this.at(name)).catch((error: unknown) => {
          if (!NO_LINKS.includes(systemCodeOf(error) ?? '')) throw error;
          return writeNew(this.at(name), file, undefined);
        }),
      );
      return true;
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** The whole file appears at once, where there is one with the rights that it had. `last` comes just before it does. */
  async replace(name: string, file: NewFile, last: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.prepared(file, await this.fileAt(name), async (temporary) => {
      await last();
      await move(temporary, this.at(name));
    });
  }

  /** Finds out whether a file could be put there, by doing all but that. */
  async tryOut(name: string, file: NewFile): Promise<void> {
    const entry = await this.statistics(name);
    if (entry !== undefined && !entry.isFile()) throw notAFile(name);
    await this.prepared(file, undefined, () => Promise.resolve());
  }

  /**
   * Replaces or creates a file that still has the content that the new one was worked out from; else throws KdeployError
   * `configuration`, with the name that is `shown`. The new content waits under a name that only one can have at a time,
   * as git's `index.lock` does.
   */
  async exchange(name: string, before: Uint8Array | undefined, file: NewFile, shown = name): Promise<void> {
    const lock = `.${name}.kdeploy-lock`;
    const present = await this.fileAt(name);
    await writeNew(this.at(lock), file, present).catch((error: unknown) => {
      throw systemCodeOf(error) === 'EEXIST' ? locked(shown, lock) : error;
    });
    try {
      await this.assertContent(name, before, shown);
      await move(this.at(lock), this.at(name));
    } catch (error) {
      await rm(this.at(lock), { force: true });
      throw error;
    }
  }

  /** Throws KdeployError `configuration` where a file has other content, `undefined` meaning that there is none. */
  async assertContent(name: string, before: Uint8Array | undefined, shown = name): Promise<void> {
    const now = await this.read(name);
    const isSame = now === undefined || before === undefined ? now === before : now.equals(before);
    if (!isSame) throw changed(shown);
  }

  /** `undefined` where there is none. Throws for a link. */
  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.at(name), { flag: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK });
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Gives an entry a second name, a link as a link, and never over something. Where the file system has no second names,
   * it is renamed.
   */
  async addName(name: string, second: string): Promise<void> {
    const entry = await lstat(this.at(name));
    if (entry.isSymbolicLink()) return symlink(await readlink(this.at(name)), this.at(second));
    await link(this.at(name), this.at(second)).catch(async (error: unknown) => {
      if (systemCodeOf(error) === 'EEXIST' || (await this.statistics(second)) !== undefined) throw error;
      await rename(this.at(name), this.at(second));
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(this.at(from), this.at(to));
  }

  async remove(name: string): Promise<void> {
    await rm(this.at(name), { force: true });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async fileAt(name: string): Promise<Stats | undefined> {
    const entry = await this.statistics(name);
    return entry?.isFile() === true ? entry : undefined;
  }

  private at(name: string): string {
    return join(this.path, name);
  }

  private async prepared(
    file: NewFile,
    like: Stats | undefined,
    use: (temporary: string) => Promise<void>,
  ): Promise<void> {
    const temporary = this.at(`.kdeploy-${randomUUID()}.tmp`);
    try {
      await writeNew(temporary, file, like);
      await use(temporary);
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

/** What Windows says of a file that somebody has open at the moment: a reader, another writer, a virus scanner. */
const IN_USE = ['EPERM', 'EACCES', 'EBUSY'];
const [TRIES, PAUSE_MILLISECONDS] = [50, 20];

/** Over what is there. On Windows that waits a second for those who have it open; elsewhere nobody minds. */
async function move(from: string, to: string): Promise<void> {
  for (let left = process.platform === 'win32' ? TRIES : 1; left > 0; left--) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (left === 1 || !IN_USE.includes(systemCodeOf(error) ?? '')) throw error;
      await setTimeout(PAUSE_MILLISECONDS);
    }
  }
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

async function writeNew(path: string, { content, mode }: NewFile, like: Stats | undefined): Promise<void> {
  const rights = mode ?? (like === undefined ? undefined : like.mode & 0o7777);
  const handle = await open(path, 'wx', rights);
  try {
    await writeFile(handle, content);
    // Root works on other users' projects; anybody else can give nothing away.
    if (like !== undefined && process.getuid?.() === 0) await handle.chown(like.uid, like.gid);
    if (rights !== undefined) await handle.chmod(rights);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function leadsOut(path: string): KdeployError {
  return new KdeployError('configuration', `${path} leads out of the project through a link; nothing was written`, {
    hint: 'replace the link with a folder or file in the project',
  });
}

function inTheWay(path: string): KdeployError {
  return new KdeployError('configuration', `${path} is not a folder; nothing was written`, {
    hint: 'move it out of the way, and try again',
  });
}

function notAFile(name: string): KdeployError {
  return new KdeployError('configuration', `${name} is not a file; nothing was written`, { hint: 'name another file' });
}

function locked(name: string, lock: string): KdeployError {
  return new KdeployError('configuration', `another kdeploy is changing ${name}; nothing was written`, {
    hint: `wait until it has ended, and try again; if none is running, delete ${lock} next to the file`,
  });
}

export function changed(name: string): KdeployError {
  return new KdeployError('configuration', `${name} was changed in the meantime; nothing was written`, {
    hint: 'run the command again',
  });
}
