import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { KdeployError, systemCodeOf } from '../errors.js';
import { inFolderOf } from '../guarded-file.js';
import { changed } from '../guarded-folder.js';
import { refused } from './append-line.js';
import type { FileChange } from './file-change.js';

/** What to do where a file cannot be written, or not all of them. */
export interface Advice {
  readonly instead: string;
  readonly command: string;
}

const FOR_FIXES: Advice = { instead: 'fix it by hand', command: 'kdeploy check --fix' };

/**
 * Makes the changes: all of them or none. A file that is no longer what the change was worked out for stays as it is, and
 * so do the others. Throws KdeployError `configuration`.
 */
export async function applyChanges(
  root: string,
  changes: readonly FileChange[],
  advice: Advice = FOR_FIXES,
): Promise<void> {
  for (const change of changes) {
    await assertWritable(root, change.file, advice);
    await assertUnchanged(root, change);
  }
  const made: FileChange[] = [];
  try {
    for (const change of changes) {
      await exchange(root, change);
      made.push(change);
    }
  } catch (error) {
    const left: string[] = [];
    for (const change of made.reverse()) await undo(root, change).catch(() => left.push(change.file));
    if (left.length > 0) throw notUndone(left, error, advice);
    throw error;
  }
}

function exchange(root: string, { file, before, after }: FileChange): Promise<void> {
  return inFolderOf(root, file, (folder, name) => folder.exchange(name, before, { content: after }, file), {
    create: true,
  });
}

function undo(root: string, { file, before, after }: FileChange): Promise<void> {
  return before === undefined
    ? inFolderOf(root, file, (folder, name) => folder.remove(name))
    : exchange(root, { file, before: after, after: before });
}

function notUndone(files: readonly string[], cause: unknown, { command }: Advice): KdeployError {
  return new KdeployError(
    'configuration',
    `could not write all files; changed, and not changed back: ${files.join(', ')}`,
    {
      cause,
      hint: `check the permissions of the project's files and the free disk space, then run ${command} again`,
    },
  );
}

/**
 * Nothing is written through a link: it may lead out of the project, and writing the whole file anew would put a file in
 * the link's place. Throws KdeployError `configuration`.
 */
export async function assertWritable(root: string, file: string, { instead }: Advice = FOR_FIXES): Promise<void> {
  const parts = file.split('/');
  if (file === '' || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw refused(file, `${file} is not a file in the project`, instead);
  }
  for (const [index] of parts.entries()) {
    const path = parts.slice(0, index + 1).join('/');
    const found = await kindOf(join(root, path));
    if (found === undefined) return;
    if (found === 'link')
      throw refused(file, `${path} is a symbolic link, and kdeploy does not write through links`, instead);
    if ((found === 'folder') !== index < parts.length - 1) {
      throw refused(file, `${path} is in the way of ${file}`, instead);
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

async function assertUnchanged(root: string, { file, before }: FileChange): Promise<void> {
  await inFolderOf(root, file, (folder, name) => folder.assertContent(name, before, file)).catch((error: unknown) => {
    // Nor is there a folder for it.
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    if (before !== undefined) throw changed(file);
  });
}
