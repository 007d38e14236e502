import { KdeployError } from '../errors.js';
import { remoteNames } from './remote-names.js';
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
 * else `origin`; its tracking branches show what it has. Throws KdeployError `usage` for a remote that is `named` and not there.
 */
export async function unpushedBranch(git: Git, named?: string): Promise<UnpushedBranch> {
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
  if (named !== undefined) await refuseUnknown(git, named);
  const remote = named ?? [push, upstream].find((name) => name !== '') ?? 'origin';
  if (head.exitCode !== 0) return { updates: [], remote };
  const localId = head.stdout.toString('utf8').trim();
  return { updates: [{ localRef: ref, localId, remoteRef: ref, remoteId: undefined }], remote };
}

/** An address need not be known here. */
async function refuseUnknown(git: Git, remote: string): Promise<void> {
  if (!(await remoteNames(git, remote)).includes(remote)) return;
  const known = (await runGit(git, ['remote'])).toString('utf8').split('\n');
  if (known.includes(remote)) return;
  throw new KdeployError('usage', `the repository has no remote ${JSON.stringify(remote)}`, {
    hint: 'to list its remotes: git remote -v',
  });
}
