import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { asRoot, findCommand, isRoot, runAsRoot } from './commands.js';

export interface StartedProcess {
  /** Resolves when the process is gone, with a sentence that ends in the last lines of its log. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** Where its stdout and stderr go. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly asRoot?: boolean;
}

let isRefusing = false;

/** For the end: what is on its way to a start must not start behind the back of what clears away. */
export function refuseNewProcesses(): void {
  isRefusing = true;
}

/** Time for an orderly end after SIGTERM; dockerd unmounts its containers in it. */
const graceSeconds = 30;

/**
 * Starts a server that ends with this process, whichever way this process ends: `setpriv --pdeathsig` makes the kernel send it
 * SIGTERM even when Node is killed and no handler of ours runs.
 */
export function startProcess(options: ProcessOptions): StartedProcess {
  if (isRefusing) throw new Error(`${options.name}: not started, since everything is ending`);
  const tied = [findCommand('setpriv') ?? 'setpriv', '--pdeathsig', 'TERM', '--', ...options.command];
  const throughSudo = options.asRoot === true && !isRoot();
  const [file, ...args] = throughSudo ? asRoot(tied) : tied;
  if (file === undefined) throw new Error(`${options.name}: no command given`);
  const log = openSync(options.logFile, 'a');
  // A session of its own keeps ctrl-C away from it and lets stop() reach its workers too; sudo needs the terminal it is started from.
  const child = spawn(file, args, {
    detached: !throughSudo,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  let running = true;
  const exited = new Promise<string>((resolve) => {
    const finish = (how: string): void => {
      running = false;
      resolve(`${options.name} ${how}${lastLines(options.logFile)}`);
    };
    child.once('error', (error) => {
      finish(`could not be started (${error.message})`);
    });
    child.once('exit', (code, signal) => {
      finish(`ended with ${signal ?? `exit code ${String(code)}`}`);
    });
  });
  const signalAll = async (signal: 'TERM' | 'KILL'): Promise<void> => {
    if (child.pid === undefined) return;
    if (throughSudo) await runAsRoot(['sh', '-c', `kill -s ${signal} ${child.pid}`], { reject: false });
    else signalGroup(child.pid, signal);
  };
  return {
    exited,
    stop: async () => {
      if (running) {
        await signalAll('TERM');
        const abort = new AbortController();
        const late = delay(graceSeconds * 1000, 'late', { signal: abort.signal }).catch(() => 'aborted');
        if ((await Promise.race([exited, late])) === 'late') await signalAll('KILL');
        await exited;
        abort.abort();
      }
      if (!throughSudo) await signalAll('KILL');
    },
  };
}

/** The group may be gone already, which is what was wanted. */
function signalGroup(leader: number, signal: 'TERM' | 'KILL'): void {
  try {
    process.kill(-leader, `SIG${signal}`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function lastLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15);
    return `; the end of its log:\n${lines.join('\n')}`;
  } catch {
    return '';
  }
}
