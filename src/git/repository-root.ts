import { stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * Where a folder lies in its git repository: `services/churn`, with forward slashes; empty at the repository's root, and
 * where there is no repository. Looks for `.git` upwards, which is a folder or (in a worktree or submodule) a file, as git
 * does; git itself need not be there, and starting it would take longer than everything else a check does.
 */
export async function folderInRepository(directory: string): Promise<string> {
  const start = resolve(directory);
  for (let folder = start; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) return relative(folder, start).split(sep).join('/');
    if (dirname(folder) === folder) return '';
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
