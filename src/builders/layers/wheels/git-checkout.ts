import path from 'node:path';
import { KdeployError } from '../../../errors.js';
import { gitOfFolder, gitProgram } from '../../../git/git.js';
import type { GitCommit } from '../resolve/locked-package.js';
import { runChildProcess } from '../../kedro/child-process.js';
import { OutputTail } from '../../kedro/output-tail.js';
import { redact } from '../../../secrets/redaction.js';
import { takesVersionFromGit } from './version-from-git.js';

export interface GitParts {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What git says where it could not log in, over https and over ssh. */
const NO_ACCESS =
  /could not read (?:Username|Password)|Authentication failed|Permission denied|HTTP Basic: Access denied|Host key verification failed/i;

/**
 * Puts the files of a commit, with its submodules, into an empty folder, by git and with the logins that it has. Throws
 * KdeployError `credentials`, `build-failed`, `tool-missing`, `interrupted`.
 */
export async function checkOut(
  { url, commit, subdirectory = '' }: GitCommit,
  folder: string,
  parts: GitParts,
): Promise<void> {
  const git = (...words: string[]): Promise<Outcome> => runGit(words, folder, parts);
  const failed = (output: readonly string[]): KdeployError => notFetched(url, commit, output);
  const must = async (...words: string[]): Promise<void> => {
    const { isDone, output } = await git(...words);
    if (!isDone) throw failed(output);
  };
  await must('init', '--quiet');
  await must('remote', 'add', '--', 'origin', url);
  const shallow = await git('fetch', '--quiet', '--no-tags', '--depth=1', 'origin', commit);
  // Some servers hand out no commit that is not a branch's last.
  if (!shallow.isDone) await must('fetch', '--quiet', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  await must('checkout', '--quiet', '--detach', commit);
  // The nearest tag is the version, so that one has to be there, and the commits since.
  if (shallow.isDone && (await takesVersionFromGit([folder, path.join(folder, subdirectory)])))
    await must('fetch', '--quiet', '--tags', '--unshallow', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  await must('submodule', '--quiet', 'update', '--init', '--recursive');
}

interface Outcome {
  readonly isDone: boolean;
  readonly output: readonly string[];
}

async function runGit(words: readonly string[], folder: string, { environment, signal }: GitParts): Promise<Outcome> {
  const tail = new OutputTail();
  // Large files are not fetched unless uv is told to.
  const skipped = environment.UV_GIT_LFS === undefined ? { GIT_LFS_SKIP_SMUDGE: '1' } : {};
  const { exitCode } = await runChildProcess(gitProgram(environment), words, {
    folder,
    environment: { ...gitOfFolder(folder, environment).environment, ...skipped },
    isWholeEnvironment: true,
    signal,
    onLine: (line) => tail.add(redact(line)),
  });
  return { isDone: exitCode === 0, output: tail.lines };
}

function notFetched(url: string, commit: string, output: readonly string[]): KdeployError {
  const message = `${redact(url)} at ${commit.slice(0, 12)} could not be fetched`;
  if (output.some((line) => NO_ACCESS.test(line)))
    return new KdeployError('credentials', `${message}: git has no access`, {
      output,
      hint: 'give git a login for it that needs no question: a credential helper, ~/.netrc, or an SSH key in an agent',
    });
  return new KdeployError('build-failed', message, {
    output,
    hint: 'check that the repository still has this commit, and lock the requirements again',
  });
}
