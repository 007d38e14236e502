import { lstat, readFile } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { inFolderOf } from '../../guarded-file.js';
import type { GuardedFolder } from '../../guarded-folder.js';
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
 * Puts a hook in place, whole or not at all, and keeps the one that is there as `keepAs`, in the same folder: its bytes,
 * its mode, a link as a link. There is no moment without a hook: the old one gets its second name first, then the new one
 * takes its place. When that fails, all is as before. Throws what `inFolderOf` throws.
 */
export async function putHook(root: string, path: string, text: string, keepAs: string | undefined): Promise<void> {
  // Whatever the umask: git passes over a hook that it may not execute.
  const file = { content: text, mode: 0o755 };
  const put = async (folder: GuardedFolder, name: string) => {
    if (keepAs === undefined) return folder.replace(name, file);
    const kept = basename(keepAs);
    let isKept = false;
    const keep = async () => {
      await folder.addName(name, kept);
      isKept = true;
    };
    await folder.replace(name, file, keep).catch(async (error: unknown) => {
      if (isKept) await giveBack(folder, kept, name);
      throw error;
    });
  };
  await inFolderOf(root, relative(root, path), put, { create: true });
}

/** The kept hook takes its old place again, in one step. Throws what `inFolderOf` throws. */
export function restoreHook(root: string, keptAs: string, path: string): Promise<void> {
  return inFolderOf(root, relative(root, path), (folder, name) => giveBack(folder, basename(keptAs), name));
}

async function giveBack(folder: GuardedFolder, kept: string, name: string): Promise<void> {
  await folder.rename(kept, name);
  // Of two names of the same file, rename leaves both (POSIX).
  await folder.remove(kept);
}

async function statistics(path: string) {
  return lstat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
    throw error;
  });
}
