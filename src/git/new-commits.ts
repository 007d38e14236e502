import { createInterface } from 'node:readline';
import { endOf, gitFailure, startGit, textOf, type Git } from './git.js';

/** What a push would send, compared with what the remote has. */
export interface NewCommits {
  /** Those of the pushed commits that the remote lacks. */
  readonly pushed: ReadonlySet<string>;
  /** Commits that the remote has and the new ones build on. Empty when it has none of the history. */
  readonly bases: readonly string[];
}

export interface NewCommitsOptions {
  /** The commits that the pushed refs name. */
  readonly pushed: readonly string[];
  /** Commits that the remote is known to have and that are here as well. */
  readonly known: readonly string[];
  /** The names of the remote; its tracking branches show what else it has. */
  readonly remotes: readonly string[];
}

/** A branch into which main was merged a hundred times builds on a hundred commits of it; the last ones are enough. */
const MAXIMUM_BASES = 20;

/**
 * Asks git which of the pushed commits no remote-tracking branch has. After somebody else's push these branches are behind,
 * so more may seem new than is: that costs a check, and never leaves one out.
 */
export async function newCommits(git: Git, { pushed, known, remotes }: NewCommitsOptions): Promise<NewCommits> {
  const arguments_ = ['rev-list', '--boundary', '--stdin'];
  const tracking = remotes.map((remote) => `--remotes=${remote}`);
  const child = startGit(git, tracking.length === 0 ? arguments_ : [...arguments_, '--not', ...tracking]);
  const ended = endOf(child);
  const stderr = textOf(child.stderr);
  child.stdin.on('error', () => undefined);
  child.stdin.end([...pushed, ...known.map((id) => `^${id}`)].map((line) => `${line}\n`).join(''));

  const asked = new Set(pushed);
  const found = new Set<string>();
  const bases = new Set<string>();
  // Line by line: the first push of an old repository lists all of its history.
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('-')) {
      if (bases.size < MAXIMUM_BASES) bases.add(line.slice(1));
    } else if (asked.has(line)) found.add(line);
  }
  const { exitCode } = await ended;
  if (exitCode !== 0) throw gitFailure('git could not list the commits of the push', await stderr);
  for (const id of known.slice(0, MAXIMUM_BASES)) bases.add(id);
  return { pushed: found, bases: [...bases] };
}
