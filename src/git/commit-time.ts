import { askGit } from './git.js';

/** Of a user's configuration; it would print what it thinks of a commit's signature before the commit. */
const WITHOUT_SIGNATURE = '--no-show-signature';
/** The end of the year 9999: RFC 3339 has four digits for the year. */
const LATEST_SECONDS = 253_402_300_799;

/** When the commit that is checked out was made; `undefined`: there is none, or its time is not one that an image can have. */
export async function commitTime(directory: string): Promise<Date | undefined> {
  const seconds = Number((await askGit(directory, ['log', '-1', WITHOUT_SIGNATURE, '--format=%ct']))?.trim());
  return Number.isSafeInteger(seconds) && seconds > 0 && seconds <= LATEST_SECONDS
    ? new Date(seconds * 1000)
    : undefined;
}

/** The commits before the one that is checked out, the latest first, by their full ids. */
export async function earlierCommits(directory: string, count: number): Promise<string[]> {
  const options = [WITHOUT_SIGNATURE, '--format=%H', '--skip=1', `--max-count=${count}`];
  const log = await askGit(directory, ['log', ...options]);
  return log?.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line)) ?? [];
}
