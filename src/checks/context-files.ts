import { copiedBy } from '../project/dockerfile/project-copies.js';
import { isInstalledPackage } from '../secrets/secret-files.js';
import { isObjectStore, RepositoryFinder } from '../secrets/git-folders.js';
import type { CheckContext } from './context.js';

/** Folders to enter; of installed packages only so many, because a project has few that may be its own. */
const MAXIMUM_FOLDERS = 20_000;
const MAXIMUM_INSTALLED_FOLDERS = 3000;
/** What runs and tools leave behind in great numbers: looked at after everything that somebody wrote. */
const LEFT_BEHIND =
  /(?:^|\/)(?:mlruns|mlartifacts|data|logs|\.git|\.tox|\.nox|\.ipynb_checkpoints|\.?\w+_cache|__pycache__)\//;

export interface ContextFiles {
  /** Those that the Dockerfile copies, the project's own first; of a git repository those that are not its objects. */
  readonly files: readonly string[];
  /** The folders of git repositories among them: `.git`. */
  readonly repositories: readonly string[];
  /** False where there were too many folders to enter. */
  readonly isComplete: boolean;
}

/** What `docker build` is sent and the Dockerfile copies. With a Dockerfile that cannot be read, that may be everything. */
export async function contextFiles(context: CheckContext): Promise<ContextFiles> {
  const [buildContext, { value: dockerfile }] = await Promise.all([context.buildContext(), context.dockerfile()]);
  const isCopied = dockerfile === undefined ? () => true : copiedBy(dockerfile.projectCopies);
  let [folders, installed] = [0, 0];
  let isComplete = true;
  const found = await context.source.list('', (folder) => {
    if (isObjectStore(folder) || buildContext.isWhollyIgnored(folder)) return true;
    const isRefused = isInstalledPackage(`${folder}/`)
      ? ++installed > MAXIMUM_INSTALLED_FOLDERS
      : ++folders > MAXIMUM_FOLDERS;
    if (isRefused) isComplete = false;
    return isRefused;
  });
  const copied = found.filter((file) => !buildContext.isIgnored(file) && isCopied(file));
  const finder = new RepositoryFinder();
  for (const file of copied) finder.add(file);
  const ranked = copied.map((file) => ({ file, rank: isInstalledPackage(file) ? 2 : LEFT_BEHIND.test(file) ? 1 : 0 }));
  return {
    files: ranked.sort((a, b) => a.rank - b.rank).map(({ file }) => file),
    repositories: finder.repositories,
    isComplete,
  };
}
