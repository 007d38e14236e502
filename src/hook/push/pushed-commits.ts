import type { Commit, Commits } from '../../git/commits.js';
import type { Git } from '../../git/git.js';
import { newCommits } from '../../git/new-commits.js';
import type { RefUpdate } from '../../git/pre-push-lines.js';
import { remoteNames } from '../../git/remote-names.js';
import { KdeployError } from '../../errors.js';

/** A commit that a push sends, and for which refs. */
export interface PushedCommit extends Commit {
  /** On the remote: `refs/heads/main`, `refs/tags/v1`. */
  readonly refs: readonly string[];
}

export interface Push {
  readonly commits: readonly PushedCommit[];
  /** The root folders of commits that the remote has and the new ones build on. */
  readonly bases: readonly string[];
}

/**
 * The commits that a push brings to a remote: not those that it has already, nor deletions, nor tags of something that is no
 * commit. `remote` is what git calls it: a name, or a URL.
 */
export async function pushedCommits(
  git: Git,
  commits: Commits,
  { updates, remote }: { readonly updates: readonly RefUpdate[]; readonly remote: string },
): Promise<Push> {
  const byId = new Map<string, { commit: Commit; refs: string[] }>();
  for (const { localId, remoteRef, localRef } of updates) {
    const commit = localId === undefined ? undefined : await commits.find(localId);
    if (localId === undefined || (commit === undefined && (await commits.exists(localId)))) continue;
    if (commit === undefined) throw notHere(localRef, localId);
    const known = byId.get(commit.id);
    if (known === undefined) byId.set(commit.id, { commit, refs: [remoteRef] });
    else known.refs.push(remoteRef);
  }
  // `git push . main:stable`: nothing leaves the machine.
  if (byId.size === 0 || remote === '.') return { commits: [], bases: [] };

  const remoteIds = [...new Set(updates.map(({ remoteId }) => remoteId))].filter((id) => id !== undefined);
  // After somebody else's push the remote has commits that are not here.
  const onRemote = (await Promise.all(remoteIds.map((id) => commits.find(id)))).filter((one) => one !== undefined);
  const { pushed, bases } = await newCommits(git, {
    pushed: [...byId.keys()],
    known: onRemote.map(({ id }) => id),
    remotes: await remoteNames(git, remote),
  });
  const trees = await Promise.all(bases.map((id) => commits.find(id)));
  return {
    commits: [...byId.values()]
      .filter(({ commit }) => pushed.has(commit.id))
      .map(({ commit, refs }) => ({ ...commit, refs })),
    bases: [...new Set(trees.flatMap((base) => (base === undefined ? [] : [base.tree])))],
  };
}

function notHere(ref: string, id: string): KdeployError {
  return new KdeployError('usage', `${id}, which is to be pushed as ${ref}, is missing from the repository`, {
    hint: 'run the hook in the repository that the push comes from',
  });
}
