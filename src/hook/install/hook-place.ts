import { dirname, join, relative, sep } from 'node:path';
import { gitOfFolder, tryGit } from '../../git/git.js';
import { isWithin } from '../../real-path.js';
import { EARLIER_HOOK } from './hook-file.js';
import { findHookManager, type HookManager } from './hook-manager.js';
import { findHooksFolder, type HooksFolder } from './hooks-folder.js';

/** Where the pre-push hook of a repository is, or would be. */
export interface HookPlace {
  readonly folder: HooksFolder;
  readonly manager: HookManager | undefined;
  /** Absolute. Nothing is written outside of it. */
  readonly root: string;
  /** Absolute. */
  readonly file: string;
  /** Where an earlier hook is kept, absolute. */
  readonly earlier: string;
  /** Whether git would take the file into a commit: then it must contain nothing specific to this machine. */
  readonly committed: boolean;
}

/** Throws what `findHooksFolder` does. */
export async function findHookPlace(directory: string): Promise<HookPlace> {
  const folder = await findHooksFolder(directory);
  const manager = await findHookManager(folder);
  const file = manager?.hookFile ?? join(folder.path, 'pre-push');
  const committed = folder.location === 'work-tree' && !(await isIgnored(folder.workTree, file));
  const root = rootOf(folder, manager?.hookFile !== undefined, file);
  return { folder, manager, root, file, earlier: join(dirname(file), EARLIER_HOOK), committed };
}

function rootOf({ location, workTree, own }: HooksFolder, isManaged: boolean, file: string): string {
  if (!isManaged && location === 'repository') return dirname(own);
  // Also where a link among the files leads it elsewhere, which is refused then.
  return isManaged || isWithin(file, workTree) ? workTree : dirname(file);
}

/** As a user finds it: from the top of the work tree where it is in there, else absolute. Forward slashes. */
export function shownPath({ folder }: HookPlace, file: string): string {
  const shown = isWithin(file, folder.workTree) ? relative(folder.workTree, file) : file;
  return shown.split(sep).join('/');
}

async function isIgnored(workTree: string, file: string): Promise<boolean> {
  const { directory, environment } = gitOfFolder(workTree);
  // check-ignore takes every path literally, and ends with an error where it is told to.
  const git = { directory, environment: { ...environment, GIT_LITERAL_PATHSPECS: undefined } };
  return (await tryGit(git, ['check-ignore', '--quiet', '--', file])).exitCode === 0;
}
