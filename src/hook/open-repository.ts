import { readCommits, type Commits } from '../git/commits.js';
import type { Git } from '../git/git.js';
import { workTreeFolders, type WorkTreeFolders } from '../git/work-tree-folders.js';

/** A repository whose commits are checked. `commits.close()` ends its process. */
export interface Repository extends WorkTreeFolders {
  readonly git: Git;
  readonly commits: Commits;
}

/** Throws KdeployError `configuration` where there is no repository, `tool-missing` without git. */
export async function openRepository(git: Git): Promise<Repository> {
  const folders = await workTreeFolders(git);
  return { git, commits: readCommits(git), ...folders };
}
