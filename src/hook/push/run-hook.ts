import { parsePrePushLines, type RefUpdate } from '../../git/pre-push-lines.js';
import { gitOfFolder, gitOfHook, type Git } from '../../git/git.js';
import { commitOfRevision } from '../../git/revision.js';
import type { CheckedProject } from './check-push.js';
import { openRepository } from '../open-repository.js';
import { whyNothingWasChecked, type Caller } from './nothing-checked.js';
import { pushedRefsFromPreCommit, type PushFromPreCommit } from './pre-commit-refs.js';

export interface HookOptions {
  /** What git writes to the hook. Without a line in it, it is about what is not pushed yet. */
  readonly input: string | undefined;
  /** The remote's name, or an address. Without one, the lines alone say what the remote has. */
  readonly remote?: string | undefined;
  /** Only git and hook managers pass it: a push is going on. */
  readonly url?: string | undefined;
  /** Only this folder of the repository; without it, all of the repository whose hook is running. */
  readonly folder?: string | undefined;
  /** `undefined`: the environment that a plain `kedro run` of the project uses. */
  readonly env: string | undefined;
  /** Whether what the commits lack on purpose (conf/local) is read from the work tree. */
  readonly useWorkTree: boolean;
  readonly kedro?: string | undefined;
  /** `false`: nothing of the projects is started; default `true`. */
  readonly execute?: boolean;
  /** Aborted by Ctrl-C: the projects that are left are not checked. */
  readonly signal?: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where git started the hook. */
  readonly currentFolder?: string;
}

export interface HookOutcome {
  readonly checked: readonly CheckedProject[];
  readonly caller: Caller;
  /** Why nothing was checked, where git is not the one who asks. */
  readonly reason?: string;
}

/**
 * Checks what is being pushed. Throws what `parsePrePushLines` and `checkPush` throw, and, unless git calls it during a
 * push, KdeployError `usage` where there is nothing to check: a CI job must not pass without having looked at anything.
 */
export async function runHook(options: HookOptions): Promise<HookOutcome> {
  const { input, remote, folder, environment = process.env, currentFolder = process.cwd() } = options;
  const hasLines = input !== undefined && input.trim() !== '';
  const fromPreCommit = input !== undefined && !hasLines ? pushedRefsFromPreCommit(environment) : undefined;
  const given = hasLines ? parsePrePushLines(input) : undefined;
  const caller = callerOf(options, fromPreCommit);
  // Refs are only deleted: no process need be started to know that there is nothing to check.
  if (caller === 'git' && given?.every(({ localId }) => localId === undefined) === true) return { checked: [], caller };

  const { git, commits, top, prefix } = await openRepository(
    folder === undefined ? gitOfHook(currentFolder, environment) : gitOfFolder(folder, environment),
  );
  try {
    const push = await pushToCheck();
    const { checkPush } = await import('./check-push.js');
    const { env, kedro, execute = true, useWorkTree, signal } = options;
    const checked = await checkPush({
      ...{ git, commits, env, kedro, execute, environment, signal, ...push },
      workTreeTop: useWorkTree ? top : undefined,
      ...(folder === undefined ? {} : { below: prefix }),
    });
    if (checked.length > 0 || caller === 'git') return { checked, caller };
    return { checked, caller, reason: await whyNothingWasChecked({ git, commits, ...push, caller }) };
  } finally {
    await commits.close();
  }

  async function pushToCheck(): Promise<{ updates: readonly RefUpdate[]; remote: string }> {
    if (fromPreCommit !== undefined) return updateFromPreCommit(git, fromPreCommit);
    if (given !== undefined) return { updates: given, remote: remote ?? options.url ?? '' };
    // git has nothing to push then, or a hook manager kept the lines for itself (lefthook without use_stdin).
    const { unpushedBranch } = await import('../../git/unpushed.js');
    return unpushedBranch(git, remote ?? options.url);
  }
}

function callerOf({ input, url }: HookOptions, fromPreCommit: PushFromPreCommit | undefined): Caller {
  if (url !== undefined || fromPreCommit !== undefined) return 'git';
  return input === undefined ? 'terminal' : 'script';
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
