import { tryGit, type Git } from './git.js';

/**
 * The remotes of the repository that a push goes to. git gives its hook the name of a remote, or where `git push URL` was
 * called the URL, which a remote may have as well: then its tracking branches show what is there already.
 */
export async function remoteNames(git: Git, remote: string): Promise<string[]> {
  if (remote === '' || remote.startsWith('-')) return [];
  // git allows no remote's name of this form (remote.c, valid_remote_name), and every address of another machine has it.
  if (!/[:\\]/.test(remote) && !remote.startsWith('/') && !remote.startsWith('.')) return [remote];
  const { stdout } = await tryGit(git, ['config', '-z', '--get-regexp', '^remote\\..*\\.(push)?url$']);
  return remotesWithUrl(stdout.toString('utf8'), remote);
}

/** From the output of `git config -z`: key, line break, value, NUL. */
export function remotesWithUrl(configuration: string, url: string): string[] {
  const names = configuration
    .split('\0')
    .map((entry) => /^remote\.(.*)\.(?:push)?url\n([^]*)$/.exec(entry))
    .filter((match) => match !== null && comparable(match[2] ?? '') === comparable(url))
    .map((match) => match?.[1] ?? '');
  return [...new Set(names)].filter((name) => name !== '');
}

/** `https://github.com/acme/app`, `….git` and `…/` are the same repository. */
function comparable(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}
