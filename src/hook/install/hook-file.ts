import { randomUUID } from 'node:crypto';
import { chmod, link, lstat, mkdir, open, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { authorOf, type HookAuthor } from './hook-script.js';

/** What is at the path of a hook. */
export type HookFile =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'hook';
      readonly author: HookAuthor;
      /** Empty for a link that leads nowhere; of a hook in another encoding, only good for looking at. */
      readonly text: string;
      /** git passes over one that is not. */
      readonly executable: boolean;
    };

/** The hook that was there before: git gives it no name of its own, and the script calls it after the check. */
export const EARLIER_HOOK = 'pre-push.before-kdeploy';

/** What `pre-commit install` calls the hook that it finds; it goes on calling it. */
export const LEGACY_HOOK = 'pre-push.legacy';

/** Throws KdeployError `usage` for anything that is not a file. */
export async function readHookFile(path: string): Promise<HookFile> {
  const entry = await statistics(path);
  if (entry === undefined) return { kind: 'none' };
  if (!entry.isFile() && !entry.isSymbolicLink()) {
    throw new KdeployError('usage', `${path} is not a file`, { hint: 'move it out of the way, and try again' });
  }
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (entry.isSymbolicLink() && ['ENOENT', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return '';
    throw new KdeployError('usage', `${path} cannot be read`, { cause: error, hint: 'fix its permissions' });
  });
  // A link's own mode says nothing; where it leads, it was made to be run.
  const executable = entry.isSymbolicLink() || (entry.mode & 0o111) !== 0;
  return { kind: 'hook', author: authorOf(text), text, executable };
}

/**
 * Puts a hook in place, whole or not at all, and keeps the one that is there as `keepAs`: its bytes, its mode, a link as a
 * link. There is no moment without a hook: the old one gets its second name first, then the new one takes its place.
 * When that fails, all is as before. Throws what the file system says.
 */
export async function putHook(path: string, text: string, keepAs: string | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = join(dirname(path), `.kdeploy-${randomUUID()}.tmp`);
  try {
    await writeExecutable(aside, text);
    if (keepAs !== undefined) await addName(path, keepAs);
    try {
      await rename(aside, path);
    } catch (error) {
      if (keepAs !== undefined) await restoreHook(keepAs, path);
      throw error;
    }
  } finally {
    await rm(aside, { force: true });
  }
}

/** The kept hook takes its old place again, in one step. */
export async function restoreHook(keptAs: string, path: string): Promise<void> {
  await rename(keptAs, path);
  // Of two names of the same file, rename leaves both (POSIX).
  await rm(keptAs, { force: true });
}

/** Never over something: two installations at the same time must not both keep the hook. */
async function addName(path: string, name: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return symlink(await readlink(path), name);
  await link(path, name).catch(async (error: unknown) => {
    if (systemCodeOf(error) === 'EEXIST' || (await statistics(name)) !== undefined) throw error;
    // A file system without links: the new hook follows at once.
    await rename(path, name);
  });
}

async function writeExecutable(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o755);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // Whatever the umask: git passes over a hook that it may not execute.
  await chmod(path, 0o755);
}

async function statistics(path: string) {
  return lstat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
    throw error;
  });
}
