import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { expectOutputOf } from './output-schemas.js';

/** The compiled command, as it is installed. */
export const executable = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Longer than anything here takes; a command that hangs shall fail its own test and not the whole run. */
const LIMIT_MILLISECONDS = 300_000;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input; without, it has none. */
  readonly input?: string;
  /** Another Node than the one that runs the tests. */
  readonly node?: string;
}

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly pid: number;
  /** Resolves as soon as stderr has shown the text; rejects when the command ends without. */
  saw(text: string | RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

export async function runCommand(args: readonly string[], options: CommandOptions): Promise<Outcome> {
  return startCommand(args, options).ended;
}

export function startCommand(
  args: readonly string[],
  { cwd, env, input, node = process.execPath }: CommandOptions,
): RunningCommand {
  const child = execa(node, [executable, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env },
    extendEnv: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    reject: false,
    stripFinalNewline: false,
    timeout: LIMIT_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let shown = '';
  let check = (): void => undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    check();
  });
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    saw: (text) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (typeof text === 'string' ? shown.includes(text) : text.test(shown)) resolve();
        };
        check();
        child.once('exit', () => reject(new Error(`kdeploy ended without showing ${String(text)}:\n${shown}`)));
      }),
    ended: child.then(({ exitCode, stdout, stderr }) => {
      expectOutputOf(args, stdout);
      return { exitCode, stdout, stderr };
    }),
  };
}
