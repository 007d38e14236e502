import { askGit } from './git.js';

/** What most repositories call it, as a last resort. */
const USUAL_NAMES = ['main', 'master'];

/**
 * The branch that others start from: what `origin/HEAD` points to, which a clone has; else main or master, whichever
 * exists; else the branch that is checked out. `undefined` where none of them is there.
 */
export async function defaultBranch(directory: string): Promise<string | undefined> {
  const [remoteHead, branches, checkedOut] = await Promise.all([
    askGit(directory, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']),
    askGit(directory, ['for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/remotes/origin']),
    askGit(directory, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
  ]);
  const ofRemote = remoteHead?.trim().replace(/^origin\//, '');
  if (ofRemote !== undefined && ofRemote !== '') return ofRemote;
  const existing = (branches ?? '').split('\n').map((name) => name.replace(/^origin\//, ''));
  const current = checkedOut?.trim();
  return USUAL_NAMES.find((name) => existing.includes(name)) ?? (current === '' ? undefined : current);
}
