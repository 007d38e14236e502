import { parsePrePushLines, type RefUpdate } from '../../git/pre-push-lines.js';
import { gitOfFolder, gitOfHook, type Git } from '../../git/git.js';
import { commitOfRevision } from '../../git/revision.js';
import type { CheckedProject } from './check-push.js';
import { openRepository } from '../open-repository.js';
import { pushedRefsFromPreCommit, type PushFromPreCommit } from './pre-commit-refs.js';

export interface HookOptions {
  /** What git writes to the hook; `undefined` when somebody calls it by hand: then it is about what is not pushed yet. */
  readonly input: string | undefined;
  /** What git calls the remote; needed only with `input`. */
  readonly remote?: string | undefined;
  /** Only this folder of the repository; without it, all of the repository whose hook is running. */
  readonly folder?: string | undefined;
  /** `undefined`: the environment that a plain `kedro run` of the project uses. */
  readonly env: string | undefined;
  /** Whether what the commits lack on purpose (conf/local) is read from the work tree. */
  readonly useWorkTree: boolean;
  readonly kedro?: string | undefined;
  /** Aborted by Ctrl-C: the projects that are left are not checked. */
  readonly signal?: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where git started the hook. */
  readonly currentFolder?: string;
}

/** Checks what is being pushed. Throws what `parsePrePushLines` and `checkPush` throw. */
export async function runHook(options: HookOptions): Promise<CheckedProject[]> {
  const { input, folder, environment = process.env, currentFolder = process.cwd() } = options;
  const fromPreCommit = input?.trim() === '' ? pushedRefsFromPreCommit(environment) : undefined;
  const given = input === undefined || fromPreCommit !== undefined ? undefined : parsePrePushLines(input);
  // Nothing is pushed, or refs are only deleted: no process need be started to know that there is nothing to check.
  if (given?.every(({ localId }) => localId === undefined) === true) return [];

  const { git, commits, top, prefix } = await openRepository(
    folder === undefined ? gitOfHook(currentFolder, environment) : gitOfFolder(folder, environment),
  );
  try {
    const push = await pushToCheck();
    const { checkPush } = await import('./check-push.js');
    const { env, kedro, useWorkTree, signal } = options;
    return await checkPush({
      ...{ git, commits, env, kedro, environment, signal, ...push },
      workTreeTop: useWorkTree ? top : undefined,
      ...(folder === undefined ? {} : { below: prefix }),
    });
  } finally {
    await commits.close();
  }

  async function pushToCheck(): Promise<{ updates: readonly RefUpdate[]; remote: string }> {
    if (fromPreCommit !== undefined) return updateFromPreCommit(git, fromPreCommit);
    return given === undefined ? unpushed() : { updates: given, remote: options.remote ?? 'origin' };
  }

  async function unpushed(): Promise<{ updates: readonly RefUpdate[]; remote: string }> {
    const { unpushedBranch } = await import('../../git/unpushed.js');
    return unpushedBranch(git, options.remote);
  }
}

/** The framework may name the local side by its branch, and knows zeros of one length only: these are no lines of git's. */
async function updateFromPreCommit(
  git: Git,
  { lines, remoteName, remoteUrl }: PushFromPreCommit,
): Promise<{ updates: readonly RefUpdate[]; remote: string }> {
  const [localRef = '', local = '', remoteRef = '', remoteId = ''] = lines.trim().split(' ');
  const localId = await commitOfRevision(git, local);
  const known = /^0*$/.test(remoteId) ? undefined : remoteId;
  return {
    updates: [{ localRef, localId, remoteRef, remoteId: known }],
    remote: remoteName === '' ? remoteUrl : remoteName,
  };
}
