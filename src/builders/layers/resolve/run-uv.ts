import { runChildProcess } from '../../kedro/child-process.js';
import type { Uv } from './find-uv.js';

export interface RunUvOptions {
  /** Where it runs: uv looks for its own settings from there upwards, and paths in its answer are relative to it. */
  readonly folder: string;
  /** All that it gets. Secrets go this way, since arguments are seen by every user of the machine. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** A line that it says while it works. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly input?: string | undefined;
}

export interface UvAnswer {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it printed on stdout. */
  readonly output: string;
  /** What it said on stderr. */
  readonly lines: readonly string[];
}

/** Of an endless stderr, the last lines are kept. */
const MAXIMUM_LINES = 5000;

/** Settings of the user that would turn what is asked of uv into something else. */
const TAKEN_AWAY = [
  ...['UV_FROZEN', 'UV_LOCKED', 'UV_PROJECT', 'UV_WORKING_DIR', 'UV_CUSTOM_COMPILE_COMMAND', 'UV_ISOLATED'],
  ...['UV_DEV', 'UV_NO_DEV', 'UV_NO_GROUP', 'UV_NO_DEFAULT_GROUPS', 'UV_NO_EDITABLE'],
];

/** Throws KdeployError `tool-missing` when it cannot be started, `interrupted` when it was aborted. */
export function runUv(uv: Uv, words: readonly string[], options: RunUvOptions): Promise<UvAnswer> {
  return askUv(uv.program, [...words, '--color', 'never', '--no-progress'], options);
}

export async function askUv(program: string, words: readonly string[], options: RunUvOptions): Promise<UvAnswer> {
  const { folder, environment, signal, onLine, input } = options;
  const output: string[] = [];
  const lines: string[] = [];
  const { exitCode } = await runChildProcess(program, words, {
    folder,
    environment: cleaned(environment),
    isWholeEnvironment: true,
    signal,
    ...(input === undefined ? {} : { input }),
    onOutput: (line) => output.push(line),
    onLine: (line) => {
      if (lines.length >= MAXIMUM_LINES) lines.shift();
      lines.push(line);
      onLine?.(line);
    },
  });
  return { exitCode, output: output.join('\n'), lines };
}

function cleaned(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !TAKEN_AWAY.includes(entry[0]),
  );
  return Object.fromEntries(kept);
}
