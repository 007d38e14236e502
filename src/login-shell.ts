import { userInfo } from 'node:os';

/**
 * Makes sure that SHELL is set for a user without an account, such as with `docker run --user 54321`: oclif asks the system
 * for the user's shell at each start, and Node throws where nobody has that number. Not for Windows, which always has an answer.
 */
export function settleShell(environment: NodeJS.ProcessEnv = process.env, account: () => unknown = userInfo): void {
  if (process.platform === 'win32' || environment.SHELL !== undefined) return;
  try {
    account();
  } catch {
    environment.SHELL = '/bin/sh';
  }
}
