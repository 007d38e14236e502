import { KdeployError } from '../errors.js';

/** One ref that a push is about to change on the remote. */
export interface RefUpdate {
  /** What is pushed, as git was told: `refs/heads/main`, `HEAD~1`; `(delete)` for a deletion. */
  readonly localRef: string;
  /** `undefined`: the ref is deleted on the remote. */
  readonly localId: string | undefined;
  readonly remoteRef: string;
  /** What the remote has there now; `undefined`: the ref is new. */
  readonly remoteId: string | undefined;
}

/**
 * `<local ref> <local id> <remote ref> <remote id>` (githooks(5), pre-push), with ids of SHA-1 or SHA-256. Read from the
 * right: the local ref is whatever was given to git push, and `main@{1 day ago}` has spaces.
 */
const LINE = /^(.+) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+) ([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Reads what git writes to a pre-push hook. Throws KdeployError `usage` for a line of another form. */
export function parsePrePushLines(text: string): RefUpdate[] {
  const updates: RefUpdate[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, localRef, localId, remoteRef, remoteId] = LINE.exec(line.replace(/\r$/, '')) ?? [];
    if (localRef === undefined || localId === undefined || remoteRef === undefined || remoteId === undefined)
      throw malformed(index + 1);
    if (localId.length !== remoteId.length) throw malformed(index + 1);
    updates.push({ localRef, localId: idOf(localId), remoteRef, remoteId: idOf(remoteId) });
  }
  return updates;
}

/** git writes "there is none" as zeros. */
function idOf(id: string): string | undefined {
  return /^0+$/.test(id) ? undefined : id;
}

function malformed(line: number): KdeployError {
  return new KdeployError(
    'usage',
    `line ${line} of standard input is not in the format of a git pre-push hook: LOCAL_REF LOCAL_ID REMOTE_REF REMOTE_ID`,
    { hint: 'let git push call it; to try it manually, run `kdeploy hook run` in a terminal, without input' },
  );
}
