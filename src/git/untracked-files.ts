import { runGit, type Git } from './git.js';

/** So that the command line stays below what Windows allows. */
const FOLDERS_AT_ONCE = 100;

/**
 * The files below some folders of the work tree that git does not have: those that it ignores, and with `unlessIgnored`
 * also those that were never added. `git.directory` is the work tree's top folder, from which paths are seen.
 */
export async function untrackedFiles(
  git: Git,
  folders: readonly string[],
  { unlessIgnored }: { readonly unlessIgnored: boolean },
): Promise<string[]> {
  const which = unlessIgnored ? [] : ['--ignored', '--exclude-standard'];
  const found: string[] = [];
  for (let start = 0; start < folders.length; start += FOLDERS_AT_ONCE) {
    const some = folders.slice(start, start + FOLDERS_AT_ONCE);
    const output = await runGit(git, ['ls-files', '-z', '--others', ...which, '--', ...some]);
    found.push(...output.toString('utf8').split('\0'));
  }
  // A repository in the folder is listed as `name/`.
  return found.filter((file) => file !== '' && !file.endsWith('/'));
}
