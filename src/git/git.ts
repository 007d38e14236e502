import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import type { Readable, Writable } from 'node:stream';
import { KdeployError, messageOf, systemCodeOf } from '../errors.js';
import { programToStart } from '../find-program.js';
import { refusedRepository } from './refused-repository.js';

/** git, run in one folder for one repository. */
export interface Git {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** What each call has in common: git's own words, the objects as they are pushed, and no question to anybody. */
const COMMON = {
  LC_ALL: 'C',
  // A push sends the commit itself, not what `git replace` shows instead of it here.
  GIT_NO_REPLACE_OBJECTS: '1',
  // A partial clone would fetch what it lacks. git before 2.44 does not know this one, and still asks nobody for a password.
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  // A folder called `*` is a folder.
  GIT_LITERAL_PATHSPECS: '1',
};

/** In a git hook, these name the repository that is pushed, which may lie in another place. */
const REPOSITORY_VARIABLES = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR'];

/** The repository that the folder lies in, whatever a hook's variables say. */
export function gitOfFolder(directory: string, environment: NodeJS.ProcessEnv = process.env): Git {
  const kept = Object.entries(environment).filter(([name]) => !REPOSITORY_VARIABLES.includes(name));
  return { directory, environment: { ...Object.fromEntries(kept), ...COMMON } };
}

/**
 * The repository whose hook is running: git says by its variables which one that is, also where the folder alone does not
 * tell (`git --git-dir=… --work-tree=…`). Relative ones count from the folder that the hook was started in.
 */
export function gitOfHook(directory: string, environment: NodeJS.ProcessEnv = process.env): Git {
  return { directory, environment: { ...environment, ...COMMON } };
}

const MAXIMUM_OUTPUT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MILLISECONDS = 60_000;

/** What a git command came to; `stderr` is git's own words. */
export interface GitOutcome {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs one git command to its end. Throws KdeployError `tool-missing` where git is not installed or does not come to an end,
 * `configuration` where it refuses to read the repository. Any other failure is the caller's to judge.
 */
export async function tryGit(git: Git, arguments_: readonly string[], input = ''): Promise<GitOutcome> {
  const child = startGit(git, arguments_);
  const ended = endOf(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MILLISECONDS);
  // git may end without reading all of it; why it did so is in its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const [stdout, stderr, { exitCode, signal }] = await Promise.all([
      limited(child.stdout, child),
      textOf(child.stderr),
      ended,
    ]);
    if (signal === 'SIGKILL') throw noEnd(arguments_);
    const problem = exitCode === 0 ? undefined : refusedRepository(stderr);
    if (problem !== undefined) throw problem;
    return { exitCode, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** What the command printed. Throws what `tryGit` throws, and KdeployError `configuration` with git's words when it fails. */
export async function runGit(git: Git, arguments_: readonly string[], input = ''): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await tryGit(git, arguments_, input);
  if (exitCode !== 0) throw gitFailure(`git ${arguments_[0] ?? ''} failed`, stderr);
  return stdout;
}

/**
 * What the command printed about the folder's repository; `undefined` where it fails, and where there is no git or no such
 * folder: for facts that are nice to have. Throws what else `tryGit` throws.
 */
export async function askGit(directory: string, arguments_: readonly string[]): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await tryGit(gitOfFolder(directory), arguments_);
    return exitCode === 0 ? stdout.toString('utf8') : undefined;
  } catch (error) {
    if (error instanceof KdeployError && systemCodeOf(error.cause) !== undefined) return undefined;
    throw error;
  }
}

export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Reading must start no program that a repository's configuration names: neither to list changed files, nor because a
 * folder of a commit looks like a bare repository. As options, which git passes on to submodules; a version that does not
 * know one ignores it.
 */
const READS_ONLY = ['-c', 'core.fsmonitor=false', '-c', 'safe.bareRepository=explicit'];

/** What starts git. Throws KdeployError `tool-missing` on Windows without git; elsewhere whoever starts it finds that out. */
export function gitProgram(environment: NodeJS.ProcessEnv): string {
  const program = programToStart('git', environment, { endings: ['.exe'] });
  if (program === undefined) throw notStarted(Object.assign(new Error('git is not on PATH'), { code: 'ENOENT' }));
  return program;
}

/** Not execa, whose import takes longer than all of a hook's calls. Throws what `gitProgram` does. */
export function startGit(git: Git, arguments_: readonly string[]): GitProcess {
  return spawn(gitProgram(git.environment), [...READS_ONLY, ...arguments_], {
    cwd: git.directory,
    env: git.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** Rejects with KdeployError `tool-missing` when the process could not be started. */
export function endOf(child: GitProcess): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(error)));
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

export function gitFailure(message: string, stderr: string): KdeployError {
  const output = stderr.split('\n').filter((line) => line.trim() !== '');
  return (
    refusedRepository(stderr) ??
    new KdeployError('configuration', output[0] === undefined ? message : `${message}: ${output[0]}`, {
      output: output.slice(-10),
      hint: 'run git status or git fsck in the repository, and fix what they report',
    })
  );
}

/** Enough for any message; a hook of the user's own (a credential helper) may write more than that. */
const MAXIMUM_STDERR = 64 * 1024;

/** The beginning of what a process says; the rest is read and dropped, or the process would wait for a reader. */
export async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream as AsyncIterable<Buffer>)
    if (text.length < MAXIMUM_STDERR) text += chunk.toString('utf8');
  return text.slice(0, MAXIMUM_STDERR);
}

async function limited(stream: Readable, child: GitProcess): Promise<Buffer> {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAXIMUM_OUTPUT_BYTES) child.kill('SIGKILL');
  });
  return buffer(stream);
}

function notStarted(error: unknown): KdeployError {
  const missing = systemCodeOf(error) === 'ENOENT';
  return new KdeployError('tool-missing', missing ? 'git was not found' : `git cannot be run: ${messageOf(error)}`, {
    cause: error,
    hint: 'install git, and make sure that `git --version` works in this folder',
  });
}

function noEnd(arguments_: readonly string[]): KdeployError {
  return new KdeployError(
    'tool-missing',
    `git ${arguments_[0] ?? ''} was stopped: it took longer than ${TIMEOUT_MILLISECONDS / 1000} s, or printed more than ${MAXIMUM_OUTPUT_BYTES} bytes`,
    { hint: 'run git status in the repository to see what keeps it busy' },
  );
}
