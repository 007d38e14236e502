import { askGit } from './git.js';

/** When the commit that is checked out was made; `undefined`: there is none. */
export async function commitTime(directory: string): Promise<Date | undefined> {
  const seconds = Number((await askGit(directory, ['log', '-1', '--format=%ct']))?.trim());
  return Number.isSafeInteger(seconds) && seconds > 0 ? new Date(seconds * 1000) : undefined;
}

/** The commits before the one that is checked out, the latest first, by their full ids. */
export async function earlierCommits(directory: string, count: number): Promise<string[]> {
  const log = await askGit(directory, ['log', '--format=%H', '--skip=1', `--max-count=${count}`]);
  return log?.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line)) ?? [];
}
