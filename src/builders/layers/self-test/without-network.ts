import { KdeployError } from '../../../errors.js';
import { runChildProcess } from '../../kedro/child-process.js';

/** Starts a program in namespaces of its own: one of users, in which it may have one of the network, where nothing is (unshare(1)). */
const UNSHARE = ['unshare', '--map-root-user', '--net', '--'] as const;

/**
 * What is put in front of a command so that the kernel lets it have no network; nothing where that is not possible: on
 * other systems, in most containers, and where the administrator has switched it off.
 */
export async function withoutNetwork(
  options: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const [command, ...words] = [...UNSHARE, 'true'];
  try {
    const { exitCode } = await runChildProcess(command, words, {
      ...options,
      isWholeEnvironment: true,
      signal,
      onLine: () => undefined,
    });
    return exitCode === 0 ? UNSHARE : [];
  } catch (error) {
    if (error instanceof KdeployError && error.code === 'tool-missing') return [];
    throw error;
  }
}
