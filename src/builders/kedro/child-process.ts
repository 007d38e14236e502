import { KdeployError } from '../../errors.js';

export interface ChildProcessOptions {
  readonly folder: string;
  /** Added to the current environment; secrets go this way, since arguments are seen by every user of the machine. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** Takes stdout, which is then not among the lines of `onLine`. */
  readonly onOutput?: (line: string) => void;
  /** What is sent to its stdin; nothing without it. */
  readonly input?: string;
  /** Whether `environment` is all that it gets. */
  readonly isWholeEnvironment?: boolean;
}

export interface ChildProcessResult {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
}

/** Ctrl-C ends a command within a second. What is stopped is a client, and the engine stops the build that it leaves. */
const GRACE_MILLISECONDS = 800;

/**
 * Runs a tool to its end, its stdout and stderr (together, unless they are taken apart) line by line, and stops it with all
 * of its children when `signal` aborts: kedro starts docker, and killing kedro alone would leave a build running that
 * nobody waits for.
 * Throws KdeployError `tool-missing` when it cannot be started, `interrupted` when it was aborted.
 */
export async function runChildProcess(
  command: string,
  arguments_: readonly string[],
  options: ChildProcessOptions,
): Promise<ChildProcessResult> {
  const { execa } = await import('execa');
  const ownGroup = process.platform !== 'win32';
  const child = execa(command, arguments_, {
    cwd: options.folder,
    env: options.environment,
    extendEnv: options.isWholeEnvironment !== true,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    all: true,
    buffer: false,
    reject: false,
    detached: ownGroup,
  });
  const stop = (): void => {
    const kill = (name: NodeJS.Signals): void => {
      if (ownGroup && child.pid !== undefined) killGroup(child.pid, name);
      else child.kill(name);
    };
    kill('SIGTERM');
    setTimeout(() => kill('SIGKILL'), GRACE_MILLISECONDS).unref();
  };
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    const { onLine, onOutput } = options;
    const read = async (from: 'all' | 'stdout' | 'stderr', take: (line: string) => void): Promise<void> => {
      for await (const line of child.iterable({ from })) take(line);
    };
    await (onOutput === undefined
      ? read('all', onLine)
      : Promise.all([read('stdout', onOutput), read('stderr', onLine)]));
    const result = await child;
    if (options.signal.aborted) throw new KdeployError('interrupted', 'interrupted');
    if (result.exitCode === undefined && result.signal === undefined) {
      throw new KdeployError('tool-missing', `${command} could not be started`, { cause: result.cause ?? result });
    }
    return { exitCode: result.exitCode };
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
}

/** Ends a process and all that it started, for one that leads a group of its own (`detached`). */
export function killGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    // ESRCH: the whole group has ended already, which is what was wanted; macOS says EPERM where only zombies are left.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
