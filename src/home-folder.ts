import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';

/** Where nothing is, and nobody but root could make something. */
const NO_HOME = '/nonexistent';

/**
 * Makes sure that HOME is an absolute path, for kdeploy, the packages in it (some ask as they are loaded), and what it
 * starts. In a container with any user, Node throws where HOME is not set and nobody has that number; an empty HOME would
 * put files into the current folder. Not for Windows, which has another variable.
 */
export function settleHome(environment: NodeJS.ProcessEnv = process.env, home: () => string = homedir): void {
  if (process.platform === 'win32' || isAbsolute(environment.HOME ?? '')) return;
  delete environment.HOME;
  environment.HOME = accountHome(home) ?? NO_HOME;
}

/** What the system knows of the user. */
function accountHome(home: () => string): string | undefined {
  try {
    const found = home();
    return isAbsolute(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
