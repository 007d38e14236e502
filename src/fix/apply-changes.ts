import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KdeployError, systemCodeOf } from '../errors.js';
import { refused } from './append-line.js';
import type { FileChange } from './file-change.js';

/**
 * Makes the changes: all of them or none. A file that is no longer what the change was worked out for stays as it is, and
 * so do the others. Throws KdeployError `configuration`.
 */
export async function applyChanges(root: string, changes: readonly FileChange[]): Promise<void> {
  for (const { file, before } of changes) {
    await assertWritable(root, file);
    await assertUnchanged(root, file, before);
  }
  const made: FileChange[] = [];
  try {
    for (const change of changes) {
      await replaceFile(join(root, change.file), change.after);
      made.push(change);
    }
  } catch (error) {
    for (const { file, before } of made.reverse()) {
      if (before === undefined) await rm(join(root, file), { force: true });
      else await replaceFile(join(root, file), before);
    }
    throw new KdeployError('configuration', 'could not write the fixes; nothing was changed', {
      cause: error,
      hint: "check the permissions of the project's files, and the free disk space",
    });
  }
}

/**
 * Nothing is written through a link: it may lead out of the project, and writing the whole file anew would put a file in
 * the link's place. Throws KdeployError `configuration`.
 */
export async function assertWritable(root: string, file: string): Promise<void> {
  const parts = file.split('/');
  if (file === '' || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw refused(file, `${file} is not a file in the project`, 'fix it by hand');
  }
  for (const [index] of parts.entries()) {
    const path = parts.slice(0, index + 1).join('/');
    const found = await kindOf(join(root, path));
    if (found === undefined) return;
    if (found === 'link')
      throw refused(file, `${path} is a symbolic link, and kdeploy does not write through links`, 'fix it by hand');
    if ((found === 'folder') !== index < parts.length - 1) {
      throw refused(file, `${path} is in the way of ${file}`, 'fix it by hand');
    }
  }
}

async function kindOf(path: string): Promise<'link' | 'folder' | 'file' | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw refused(path, `${path} cannot be read`, "check the permissions of the project's folders");
  }
}

async function assertUnchanged(root: string, file: string, before: Buffer | undefined): Promise<void> {
  const now = await readFile(join(root, file)).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  const isSame = now === undefined || before === undefined ? now === before : now.equals(before);
  if (!isSame)
    throw refused(file, `${file} was changed in the meantime; nothing was written`, 'run kdeploy check --fix again');
}

/** The whole file appears at once, with the rights that it had. */
async function replaceFile(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const mode = await stat(path).then(
    (stats) => stats.mode & 0o7777,
    () => undefined,
  );
  const temporary = join(dirname(path), `.kdeploy-${randomUUID()}.tmp`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    await handle.writeFile(content);
    if (mode !== undefined) await handle.chmod(mode);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } finally {
    await handle?.close();
    await rm(temporary, { force: true });
  }
}
