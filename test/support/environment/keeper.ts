/**
 * The process that owns an environment. It lives apart from the tests, so that whichever way those end (done, failed, ctrl-C,
 * killed), somebody is left to stop dockerd, unmount and clear away: it notices that the channel to its parent is closed.
 * With the argument `detached` it outlives its parent and ends on SIGTERM.
 */
import { assemble } from './assembly.js';
import type { EnvironmentDescription } from './description.js';
import { Lifetime } from './lifetime.js';
import { refuseNewProcesses } from './processes.js';
import { redirectProgress } from './progress.js';
import { createRunFolder, removeAbandonedRunFolders, removeRunFolder } from './run-folder.js';
import { removeState, writeState } from './state.js';

export type KeeperMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready'; readonly environment: EnvironmentDescription }
  | { readonly kind: 'failed'; readonly message: string };

const detached = process.argv.includes('detached');
const lifetime = new Lifetime();
let ending: Promise<never> | undefined;

/** Nobody may be listening any more. */
function tell(message: KeeperMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function end(exitCode: number): Promise<never> {
  refuseNewProcesses();
  ending ??= lifetime.end().then(
    () => process.exit(exitCode),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
  return ending;
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(0));
process.on('disconnect', () => {
  if (!detached) void end(0);
});
redirectProgress((line) => tell({ kind: 'progress', line }));

try {
  // The parent may have gone while this process was still loading, before anything here could notice.
  if (!detached && !process.connected) await end(0);
  await removeAbandonedRunFolders();
  if (lifetime.isEnding) await end(0);
  const folder = createRunFolder();
  await lifetime.add('the run folder', () => removeRunFolder(folder));
  const environment = await assemble(folder, lifetime);
  if (detached) {
    await lifetime.add('the state file', removeState);
    await writeState({ keeper: process.pid, environment });
  }
  tell({ kind: 'ready', environment });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  await end(1);
}
