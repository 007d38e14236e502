import { execFile } from 'node:child_process';
import { KdeployError, systemCodeOf } from '../errors.js';

/** What git answered; a negative answer is an answer too. */
export interface GitAnswer {
  readonly exitCode: number;
  /** Without the last line's end. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Where hooks lie is asked of the folder, whatever repository a surrounding hook has put into these. */
const REPOSITORY_VARIABLES = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR'];

const TIMEOUT_MILLISECONDS = 30_000;

/** Throws KdeployError `tool-missing` where git cannot be started, or does not end within 30 s. */
export function askGit(directory: string, ...arguments_: string[]): Promise<GitAnswer> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !REPOSITORY_VARIABLES.includes(name)));
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      arguments_,
      { cwd: directory, env: { ...env, LC_ALL: 'C' }, timeout: TIMEOUT_MILLISECONDS },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code;
        if (typeof exitCode === 'number') resolve({ exitCode, stdout: stdout.replace(/\r?\n$/, ''), stderr });
        else reject(notStarted(error));
      },
    );
  });
}

function notStarted(error: unknown): KdeployError {
  const missing = systemCodeOf(error) === 'ENOENT';
  return new KdeployError('tool-missing', missing ? 'git was not found' : 'git could not be asked', {
    cause: error,
    hint: 'see that `git --version` works in this terminal, and try again',
  });
}
