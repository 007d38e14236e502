import { captureOutput } from '@oclif/test';
import type { Command, Config } from '@oclif/core';
import { commandConfig } from './command-config.js';

export interface CommandOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: typeof process.exitCode;
}

type Runnable = (new (argv: string[], config: Config) => Command) & Pick<typeof Command, 'run'>;

/**
 * A command run in this process, as `kdeploy …` would, with none of this machine's settings; what it changes in the
 * process (exit code, variables, listeners) is put back.
 */
export async function runIsolated(
  command: Runnable,
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  const environment = { ...process.env };
  const listeners = SIGNALS.map((name) => [name, process.rawListeners(name)] as const);
  for (const name of Object.keys(process.env)) {
    if (/^(KDEPLOY|KEDRO|MLFLOW)_|^(NO|FORCE)_COLOR$|^CI$/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, variables);
  try {
    const config = await commandConfig();
    const { stdout, stderr } = await captureOutput(async () => command.run([...argv], config));
    return { stdout, stderr, exitCode: process.exitCode };
  } finally {
    process.exitCode = undefined;
    for (const name of Object.keys(process.env)) {
      if (!(name in environment)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, environment);
    for (const [name, before] of listeners) {
      for (const listener of process.rawListeners(name)) {
        if (!before.includes(listener)) process.removeListener(name, listener as () => void);
      }
    }
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
