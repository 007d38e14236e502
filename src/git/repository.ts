import { askGit } from './git.js';
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

/**
 * `undefined` when the folder is in no repository or git is not installed. Throws KdeployError `configuration` when there
 * is one that git refuses to read (it belongs to another user): an image that silently lacked its revision would be worse.
 */
export async function readRepository(directory: string): Promise<GitRepository | undefined> {
  const [root, status, remotes] = await Promise.all([
    askGit(directory, ['rev-parse', '--show-toplevel']),
    askGit(directory, ['status', '--porcelain=v2', '--branch', '--untracked-files=normal', '--', '.']),
    askGit(directory, ['config', '--get-regexp', '^remote\\..*\\.url$']),
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
