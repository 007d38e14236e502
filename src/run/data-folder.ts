import { chmod, lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { KdeployError } from '../errors.js';
import type { Owner } from '../image/passwd.js';

const READ_AND_WRITE = 0o6;
const ENTER = 0o1;
const WRITE = 0o2;

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
      const wanted = READ_AND_WRITE | (stat.isDirectory() ? ENTER : 0);
      await chmod(file, mode | (wanted << positionOf(stat, user))).catch((error: unknown) => {
        throw new KdeployError(
          'usage',
          `${file} belongs to another user, and the container’s user cannot write to it`,
          {
            cause: error,
            hint: `grant user ${user.uid} write access, or run with --no-data`,
          },
        );
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return before.length === 0 ? undefined : { close };
}

export function mayWrite(file: Owner & { readonly mode: number }, user: Owner): boolean {
  return (file.mode & (WRITE << positionOf(file, user))) !== 0;
}

/**
 * The position of the user's three bits in a file's mode. As the kernel decides it, only the first of owner, group and
 * others that applies counts: user 999 of group 0 gets nothing from what others may do to root's files.
 */
function positionOf(file: Owner, user: Owner): number {
  if (file.uid === user.uid) return 6;
  return file.gid === user.gid ? 3 : 0;
}

async function below(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => path.join(entry.parentPath, entry.name));
}
