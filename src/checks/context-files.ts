import { copiedBy } from '../project/dockerfile/project-copies.js';
import { RepositoryFinder, isObjectStore, type Repository } from '../secrets/repositories.js';
import { isInstalledPackage } from '../secrets/secret-files.js';
import type { CheckContext } from './context.js';

/** Folders to enter; of installed packages only so many, because a project has few that may be its own. */
const MAXIMUM_FOLDERS = 20_000;
const MAXIMUM_INSTALLED_FOLDERS = 3000;
/** What runs and tools leave behind in great numbers: looked at after everything that somebody wrote. */
const LEFT_BEHIND =
  /(?:^|\/)(?:mlruns|mlartifacts|data|logs|\.tox|\.nox|\.ipynb_checkpoints|\.?\w+_cache|__pycache__|conda-meta)\//;

export interface ContextFiles {
  /** Those that the Dockerfile copies, the project's own first. */
  readonly files: readonly string[];
  /** Each with the files in it, but for what was committed. */
  readonly repositories: ReadonlyMap<Repository, readonly string[]>;
  /** False where there were too many folders to enter. */
  readonly isComplete: boolean;
}

const known = new WeakMap<CheckContext, Promise<ContextFiles>>();

/** What `docker build` is sent and the Dockerfile copies. With a Dockerfile that cannot be read, that may be everything. */
export function contextFiles(context: CheckContext): Promise<ContextFiles> {
  const files = known.get(context) ?? listContext(context);
  known.set(context, files);
  return files;
}

async function listContext(context: CheckContext): Promise<ContextFiles> {
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
  const repositories = new Map(finder.repositories.map((each): [Repository, string[]] => [each, []]));
  const files: string[] = [];
  for (const file of copied) {
    const repository = [...repositories.keys()].find(({ folder }) => file.startsWith(`${folder}/`));
    (repository === undefined ? files : repositories.get(repository))?.push(file);
  }
  const ranked = files.map((file) => ({ file, rank: isInstalledPackage(file) ? 2 : LEFT_BEHIND.test(file) ? 1 : 0 }));
  return {
    files: ranked.sort((a, b) => a.rank - b.rank).map(({ file }) => file),
    repositories,
    isComplete,
  };
}
