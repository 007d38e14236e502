import { chmod, lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Owner } from '../image/passwd.js';

const OTHERS_READ_AND_WRITE = 0o006;
const OTHERS_ENTER = 0o001;
const OTHERS_WRITE = 0o002;

/** A folder that was opened, and how it was before. */
export interface OpenedFolder {
  /** Puts every mode back. */
  close(): Promise<void>;
}

/**
 * Lets the container's user write to a mounted folder for the length of a run. On Linux a mount keeps its owners, so
 * that user 999 of an image cannot write to a folder of yours, and Kedro stops at its first save; on a Mac or on
 * Windows the engine maps owners, and nothing is to be done. `undefined` when the folder can be written to as it is.
 */
export async function openDataFolder(
  folder: string,
  user: Owner,
  platform: NodeJS.Platform = process.platform,
): Promise<OpenedFolder | undefined> {
  if (platform !== 'linux' || user.uid === 0) return undefined;
  const before: { file: string; mode: number }[] = [];
  const close = async (): Promise<void> => {
    // What the run deleted needs no mode.
    for (const { file, mode } of before) await chmod(file, mode).catch(() => undefined);
  };
  try {
    for (const file of [folder, ...(await below(folder))]) {
      const stat = await lstat(file);
      if (stat.isSymbolicLink() || mayWrite(stat, user)) continue;
      const mode = stat.mode & 0o7777;
      before.push({ file, mode });
      await chmod(file, mode | OTHERS_READ_AND_WRITE | (stat.isDirectory() ? OTHERS_ENTER : 0));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return before.length === 0 ? undefined : { close };
}

/** As the kernel decides it: the first of owner, group and others that applies. */
export function mayWrite(
  file: { readonly mode: number; readonly uid: number; readonly gid: number },
  user: Owner,
): boolean {
  if (file.uid === user.uid) return (file.mode & 0o200) !== 0;
  if (file.gid === user.gid) return (file.mode & 0o020) !== 0;
  return (file.mode & OTHERS_WRITE) !== 0;
}

async function below(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => path.join(entry.parentPath, entry.name));
}
