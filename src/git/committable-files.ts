import type { ProjectSource } from '../project/sources/source.js';
import { askGit } from './git.js';

/**
 * The project as a clone of it will have it: files that are in git, or that the next `git add` would put there. What is
 * ignored (conf/local above all) is not there for a CI service. Outside of git everything is.
 */
export async function committableFiles(root: string, source: ProjectSource): Promise<ProjectSource> {
  const listed = await askGit(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.']);
  if (listed === undefined) return source;
  const files = new Set(listed.split('\0').filter((file) => file !== ''));
  return {
    read: (path) => (files.has(path) ? source.read(path) : Promise.resolve(undefined)),
    list: async (folder, skip) => (await source.list(folder, skip)).filter((path) => files.has(path)),
  };
}
