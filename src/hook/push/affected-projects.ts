import { changedFolders } from '../../git/changed-folders.js';
import { commitSource } from '../../git/commit-source.js';
import type { Commits } from '../../git/commits.js';
import { KdeployError } from '../../errors.js';
import { parsePyProject, tableAt } from '../../project/python/pyproject.js';

/** For a folder of a commit, the Kedro project it belongs to, as the folder of its pyproject.toml; `undefined`: to none. */
export type ProjectOf = (folder: string) => Promise<string | undefined>;

/** The nearest folder upwards whose pyproject.toml has `[tool.kedro]`, within the commit. */
export function projectsIn(commits: Commits, tree: string): ProjectOf {
  const source = commitSource(commits, tree, '');
  const known = new Map<string, Promise<string | undefined>>();

  return function projectOf(folder) {
    const found = known.get(folder) ?? find(folder);
    known.set(folder, found);
    return found;
  };

  async function find(folder: string): Promise<string | undefined> {
    for (let current = folder; ; current = parentOf(current)) {
      if (await isProject(current)) return current;
      if (current === '') return undefined;
      const parent = known.get(parentOf(current));
      if (parent !== undefined) return parent;
    }
  }

  async function isProject(folder: string): Promise<boolean> {
    const bytes = await readable(folder === '' ? 'pyproject.toml' : `${folder}/pyproject.toml`);
    // Most pyproject.toml of a monorepo are of libraries: their TOML need not be parsed.
    if (bytes?.includes('kedro') !== true) return false;
    try {
      return tableAt((await parsePyProject(bytes)).table, 'tool', 'kedro') !== undefined;
    } catch (error) {
      if (!(error instanceof KdeployError)) throw error;
      // Broken TOML of a Kedro project is reported; that of anything else is none of our business.
      return /^\s*\[\s*tool\s*\.\s*kedro\s*\]/m.test(bytes.toString('utf8'));
    }
  }

  async function readable(path: string): Promise<Buffer | undefined> {
    try {
      return await source.read(path);
    } catch (error) {
      // A link out of the repository, or a file of megabytes: no pyproject.toml that Kedro could use.
      if (error instanceof KdeployError && error.place !== undefined) return undefined;
      throw error;
    }
  }
}

/**
 * The projects of a commit whose state is new to the remote: they differ from what each of the bases has (commits that are
 * on the remote). So merging main into a branch brings the projects in which both sides changed something, and not those
 * that are as they are on main. Without bases, all projects. Sorted.
 */
export async function affectedProjects(
  commits: Commits,
  {
    tree,
    bases,
    projectOf,
  }: { readonly tree: string; readonly bases: readonly string[]; readonly projectOf: ProjectOf },
): Promise<string[]> {
  let affected: ReadonlySet<string> | undefined;
  for (const base of bases.length === 0 ? [undefined] : new Set(bases)) {
    const folders = [...(await changedFolders(commits, base, tree))];
    const owners = new Set((await Promise.all(folders.map(projectOf))).filter((owner) => owner !== undefined));
    affected = affected === undefined ? owners : new Set([...affected].filter((project) => owners.has(project)));
    if (affected.size === 0) break;
  }
  return [...(affected ?? [])].sort();
}

function parentOf(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
}
