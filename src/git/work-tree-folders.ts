import { gitFailure, tryGit, type Git } from './git.js';

export interface WorkTreeFolders {
  /** The work tree's top folder, absolute; `undefined` in a bare repository, which has none. */
  readonly top: string | undefined;
  /** The folder that git was asked in, seen from the top, without a slash at its end: `services/churn`. */
  readonly prefix: string;
}

/** Throws KdeployError `configuration` for a folder in no repository. */
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
  if (exitCode !== 0) throw gitFailure('the folder is in no git repository', stderr);
  const [, prefix = '', ...top] = text.replace(/\n$/, '').split('\n');
  return { top: top.join('\n'), prefix: prefix.replace(/\/$/, '') };
}
