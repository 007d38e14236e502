import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { KdeployError } from '../../errors.js';
import { gitOfFolder, tryGit, type Git } from '../../git/git.js';
import { withoutWorkTree } from '../../git/refused-repository.js';
import { noRepository } from '../../git/work-tree-folders.js';
import { existingRealPath, isWithin } from '../../real-path.js';

/** Where git looks for the hooks of a repository, and whose that folder is. */
export interface HooksFolder {
  /** Absolute. It need not exist yet. */
  readonly path: string;
  /** The top folder of the work tree, absolute; git starts hooks there. */
  readonly workTree: string;
  /**
   * `repository`: in .git (that of the main work tree, for a linked one or a submodule). `work-tree`: among the files, by
   * core.hooksPath. `elsewhere`: core.hooksPath leads out, usually to a folder for all repositories of a user.
   */
  readonly location: 'repository' | 'work-tree' | 'elsewhere';
  /** Where its hooks lie without core.hooksPath, absolute. */
  readonly own: string;
  /** The file in which core.hooksPath is set, as git names it; `undefined` where it is not. */
  readonly configuredIn: string | undefined;
}

/**
 * Throws KdeployError `usage` for a folder in no repository, in a bare one, or inside .git, and `configuration` for a
 * repository that git refuses to read.
 */
export async function findHooksFolder(directory: string): Promise<HooksFolder> {
  if (!(await isFolder(directory))) {
    throw new KdeployError('usage', `the folder ${directory} does not exist`, {
      hint: 'pass an existing folder with --project',
    });
  }
  const kind = await ask(gitOfFolder(directory), 'rev-parse', '--is-inside-work-tree');
  if (kind.exitCode !== 0) throw noRepository(directory, kind.stderr) ?? unreadable(directory, kind.stderr);
  // Before 2.38, git reads a bare repository as well.
  if (kind.stdout !== 'true') throw withoutWorkTree(directory);

  const workTree = (await ask(gitOfFolder(directory), 'rev-parse', '--show-toplevel')).stdout;
  const git = gitOfFolder(workTree);
  // A relative core.hooksPath is relative to the folder that hooks are started in, the top of the work tree (git help
  // config); git itself prints it as it is written, and `~` resolved.
  const [hooks, common, configured] = await Promise.all([
    ask(git, 'rev-parse', '--git-path', 'hooks'),
    ask(git, 'rev-parse', '--git-common-dir'),
    ask(git, 'config', '--show-origin', '--get', 'core.hooksPath'),
  ]);
  const path = resolve(workTree, hooks.stdout);
  const own = resolve(workTree, common.stdout, 'hooks');
  const [hooksReal, commonReal, workTreeReal] = await Promise.all([
    existingRealPath(path),
    existingRealPath(dirname(own)),
    existingRealPath(workTree),
  ]);
  const location = isWithin(hooksReal, commonReal)
    ? 'repository'
    : isWithin(hooksReal, workTreeReal)
      ? 'work-tree'
      : 'elsewhere';
  const origin = configured.exitCode === 0 ? configured.stdout.split('\t')[0]?.replace(/^file:/, '') : undefined;
  return { path, workTree: resolve(workTree), location, own, configuredIn: origin };
}

/** What git answered, without the last line's end; a negative answer is an answer too. */
async function ask(git: Git, ...arguments_: string[]) {
  const { stdout, ...outcome } = await tryGit(git, arguments_);
  return { ...outcome, stdout: stdout.toString('utf8').replace(/\r?\n$/, '') };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unreadable(directory: string, stderr: string): KdeployError {
  return new KdeployError('configuration', `git cannot read the repository of ${directory}`, {
    // For a repository of another user, git itself says which command to type.
    output: stderr.trim().split('\n'),
    hint: 'run git status there to see why',
  });
}
