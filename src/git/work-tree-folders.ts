import { KdeployError } from '../errors.js';
import { gitFailure, tryGit, type Git } from './git.js';

export interface WorkTreeFolders {
  /** The work tree's top folder, absolute; `undefined` in a bare repository, which has none. */
  readonly top: string | undefined;
  /** The folder that git was asked in, seen from the top, without a slash at its end: `services/churn`. */
  readonly prefix: string;
}

/** Throws KdeployError `usage` for a folder in no repository, `configuration` for a repository that git does not read. */
export async function workTreeFolders(git: Git): Promise<WorkTreeFolders> {
  const { exitCode, stdout, stderr } = await tryGit(git, [
    'rev-parse',
    '--is-inside-work-tree',
    '--show-prefix',
    '--show-toplevel',
  ]);
  const text = stdout.toString('utf8');
  // In a bare repository git answers this first question, and fails at the last one.
  if (text.startsWith('false\n')) return { top: undefined, prefix: '' };
  if (exitCode !== 0) throw noRepository(git.directory, stderr) ?? gitFailure('git cannot read the repository', stderr);
  const [, prefix = '', ...top] = text.replace(/\n$/, '').split('\n');
  return { top: top.join('\n'), prefix: prefix.replace(/\/$/, '') };
}

/** `undefined` where git said something else. */
export function noRepository(directory: string, stderr: string): KdeployError | undefined {
  if (!/not a git repository/i.test(stderr)) return undefined;
  return new KdeployError('usage', `${directory} is not in a git repository`, {
    hint: 'change to the repository, or pass --project DIR; to create one: git init',
  });
}
