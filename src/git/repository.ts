import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KdeployError } from '../errors.js';
import { environmentOfFolder } from './environment.js';
import { ownershipProblem } from './ownership.js';
import { publicRemoteUrl } from './remote-url.js';

/** The git repository that a folder lies in, as it is now. */
export interface GitRepository {
  /** Absolute; above the project when it is a folder of a larger repository. */
  readonly root: string;
  /** The commit's full id; `undefined` before the first commit. */
  readonly revision: string | undefined;
  /** Its first twelve digits. */
  readonly shortRevision: string | undefined;
  /** `undefined` when no branch is checked out, as in most CI. */
  readonly branch: string | undefined;
  /** Whether the folder asked for has changes, new files included, that are not committed; elsewhere they don't count. */
  readonly dirty: boolean;
  /** `origin`, else the first remote; without user and password. */
  readonly remoteUrl: string | undefined;
}

const TIMEOUT_MILLISECONDS = 30_000;
const MAXIMUM_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * `undefined` when the folder is in no repository or git is not installed. Throws KdeployError `configuration` when there
 * is one that git refuses to read (it belongs to another user): an image that silently lacked its revision would be worse.
 */
export async function readRepository(directory: string): Promise<GitRepository | undefined> {
  const [root, status, remotes] = await Promise.all([
    git(directory, ['rev-parse', '--show-toplevel']),
    git(directory, ['status', '--porcelain=v2', '--branch', '--untracked-files=normal', '--', '.']),
    git(directory, ['config', '--get-regexp', '^remote\\..*\\.url$']),
  ]);
  if (root === undefined || status === undefined) return undefined;

  const lines = status.split('\n').filter((line) => line !== '');
  const header = (name: string) =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const oid = header('oid');
  const head = header('head');
  const revision = oid === '(initial)' ? undefined : oid;
  return {
    root: root.replace(/\n$/, ''),
    revision,
    shortRevision: revision?.slice(0, 12),
    branch: head === '(detached)' ? undefined : head,
    dirty: lines.some((line) => !line.startsWith('# ')),
    remoteUrl: remoteUrl(remotes ?? ''),
  };
}

function remoteUrl(configuration: string): string | undefined {
  const urls = configuration
    .split('\n')
    .map((line) => /^remote\.(.*)\.url (.+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name, url]) => ({ name, url: url ?? '' }));
  const chosen = urls.find(({ name }) => name === 'origin') ?? urls[0];
  return chosen === undefined ? undefined : publicRemoteUrl(chosen.url);
}

/** What git printed, `undefined` when it could not. Not execa, whose import (80 ms) is longer than all three calls. */
export async function git(directory: string, arguments_: readonly string[]): Promise<string | undefined> {
  try {
    // Without optional locks, `git status` would now and then make a commit in another terminal fail.
    const { stdout } = await promisify(execFile)('git', ['--no-optional-locks', ...arguments_], {
      cwd: directory,
      env: environmentOfFolder(),
      timeout: TIMEOUT_MILLISECONDS,
      maxBuffer: MAXIMUM_OUTPUT_BYTES,
    });
    return stdout;
  } catch (error) {
    const { stderr, killed } = failureOf(error);
    const problem = ownershipProblem(stderr);
    if (problem !== undefined) throw problem;
    if (killed) {
      throw new KdeployError(
        'tool-missing',
        `git ${arguments_[0] ?? ''} did not finish within ${TIMEOUT_MILLISECONDS / 1000} s`,
        {
          hint: 'run git status in the project to see what keeps it busy',
        },
      );
    }
    return undefined;
  }
}

function failureOf(error: unknown): { stderr: string; killed: boolean } {
  if (typeof error !== 'object' || error === null) return { stderr: '', killed: false };
  return {
    stderr: 'stderr' in error ? String(error.stderr) : '',
    killed: 'killed' in error && error.killed === true,
  };
}
