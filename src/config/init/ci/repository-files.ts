import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { KdeployError, systemCodeOf } from '../../../errors.js';
import { workTree } from '../../../project/sources/work-tree.js';
import type { RepositoryFiles } from './service.js';

/** Files of the repository as they lie on disk. Throws KdeployError `usage` for a path that a link leads elsewhere. */
export function repositoryFiles(root: string): RepositoryFiles & { exists(path: string): Promise<boolean> } {
  return {
    async read(path) {
      await refuseLeadingOut(root, path);
      return (await workTree(root).read(path))?.toString('utf8');
    },
    async exists(path) {
      await refuseLeadingOut(root, path);
      return isThere(join(root, path));
    },
  };
}

/** A link counts as the thing itself, even one that leads nowhere: it is somebody's, and writing would follow it. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** In somebody else's repository, `.github` may be a link to anywhere; nothing is written through it. */
async function refuseLeadingOut(root: string, path: string): Promise<void> {
  const realRoot = await realpath(root);
  // git for Windows has forward slashes in its paths.
  const top = resolve(root);
  for (let existing = join(top, path); existing !== top; existing = dirname(existing)) {
    if (!(await isThere(existing))) continue;
    const real = await realpath(existing).catch(() => undefined);
    if (real?.startsWith(realRoot + sep) === true) return;
    throw new KdeployError('usage', `${path} leads out of the repository through a link`, {
      hint: 'replace the link with a folder or a file in the repository',
    });
  }
}
