import { runGit, tryGit, type Git } from './git.js';
import type { RefUpdate } from './pre-push-lines.js';

/** What `git push` would send now: the branch that is checked out, and where to. */
export interface UnpushedBranch {
  /** None before the first commit. */
  readonly updates: readonly RefUpdate[];
  readonly remote: string;
}

/**
 * For somebody who calls the hook by hand. The remote is that of `git push`, else the one that the branch is pulled from,
 * else `origin`; what it has is told by its tracking branches.
 */
export async function unpushedBranch(git: Git): Promise<UnpushedBranch> {
  const format = '--format=%(HEAD)%00%(refname)%00%(push:remotename)%00%(upstream:remotename)';
  const [head, branches] = await Promise.all([
    tryGit(git, ['rev-parse', '--verify', '--quiet', 'HEAD']),
    runGit(git, ['for-each-ref', format, 'refs/heads']),
  ]);
  const current = branches
    .toString('utf8')
    .split('\n')
    .find((line) => line.startsWith('*'));
  const [, ref = 'HEAD', push = '', upstream = ''] = current?.split('\0') ?? [];
  const remote = [push, upstream].find((name) => name !== '') ?? 'origin';
  if (head.exitCode !== 0) return { updates: [], remote };
  const localId = head.stdout.toString('utf8').trim();
  return { updates: [{ localRef: ref, localId, remoteRef: ref, remoteId: undefined }], remote };
}
