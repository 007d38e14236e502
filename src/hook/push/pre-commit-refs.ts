/**
 * What the pre-commit framework passes to a hook about the push, as the lines that git writes to a pre-push hook:
 * `refs/heads/main <id> refs/heads/main <id>\n`. The framework reads git's lines itself, hands one ref on in variables and
 * gives its hooks an empty stdin (pre_commit/commands/hook_impl.py, _pre_push_ns; run.py). It never hands on a deletion.
 *
 * The local side is an expression that `git rev-parse` knows and no id, where the framework left the id out: it does so when
 * the push begins with the first commit. For a new branch, the remote side is not what the remote has under this name
 * (nothing), but the parent of the first new commit: all that is new comes after it. Older versions give it as `<id>^`, which
 * becomes zeros, as for a branch of which nothing is known.
 *
 * `undefined` where the variables are not there: then nobody is pushing through the framework.
 */
export function pushedRefsFromPreCommit(
  variables: Readonly<Record<string, string | undefined>>,
): PushFromPreCommit | undefined {
  const localRef = variables.PRE_COMMIT_LOCAL_BRANCH ?? '';
  const remoteRef = variables.PRE_COMMIT_REMOTE_BRANCH ?? '';
  if (localRef === '' || remoteRef === '') return undefined;
  const to = variables.PRE_COMMIT_TO_REF ?? '';
  const from = variables.PRE_COMMIT_FROM_REF ?? '';
  const localId = to === '' ? localRef : to;
  return {
    remoteName: variables.PRE_COMMIT_REMOTE_NAME ?? '',
    remoteUrl: variables.PRE_COMMIT_REMOTE_URL ?? '',
    lines: `${localRef} ${localId} ${remoteRef} ${OBJECT_ID.test(from) ? from : NO_OBJECT}\n`,
  };
}

export interface PushFromPreCommit {
  readonly remoteName: string;
  readonly remoteUrl: string;
  readonly lines: string;
}

/** SHA-1 or SHA-256. */
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const NO_OBJECT = '0'.repeat(40);
