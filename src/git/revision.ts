import { KdeployError } from '../errors.js';
import { tryGit, type Git } from './git.js';

/**
 * The id of the commit that a revision means: `HEAD~1`, `v1.2`, `main@{yesterday}`, whatever git understands.
 * Throws KdeployError `usage` where git knows no such commit.
 */
export async function commitOfRevision(git: Git, revision: string): Promise<string> {
  // Such a word is an option to git, whose --end-of-options came late (2.30).
  const id = revision.startsWith('-') ? undefined : await parse(git, revision);
  // In two steps: `:/words^{commit}` would look for a message with that in it.
  const commit = id === undefined ? undefined : await parse(git, `${id}^{commit}`);
  if (commit !== undefined) return commit;
  throw new KdeployError('usage', `no such commit in this repository: ${JSON.stringify(revision)}`, {
    hint: 'pass a commit, branch or tag of this repository; to list commits: git log --oneline',
  });
}

async function parse(git: Git, revision: string): Promise<string | undefined> {
  const { exitCode, stdout } = await tryGit(git, ['rev-parse', '--verify', '--quiet', revision]);
  const id = stdout.toString('utf8').trim();
  return exitCode === 0 && /^[0-9a-f]{40,64}$/.test(id) ? id : undefined;
}
