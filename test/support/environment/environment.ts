import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { environmentRecipe } from './assembly.js';
import { isAlive } from './cache.js';
import type { EnvironmentDescription } from './description.js';
import { connect, isAnswering } from './engine.js';
import type { KeeperMessage } from './keeper.js';
import { isMlflowAnswering } from './mlflow.js';
import { waitUntil } from './polling.js';
import { report } from './progress.js';
import { isRegistryAnswering } from './registry.js';
import { readState } from './state.js';

export interface Environment extends EnvironmentDescription {
  /** For child processes: this process's environment with the variables and PATH of the test environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends what was started for this environment; a kept one stays. */
  readonly stop: () => Promise<void>;
}

/**
 * A Docker Engine, a base image, a registry, an MLflow server and a Python with Kedro: the kept environment of `up` where there is
 * one, else one that ends with this process.
 */
export async function startEnvironment(): Promise<Environment> {
  const kept = await keptEnvironment();
  if (kept !== undefined) return describedWith(kept, () => Promise.resolve());
  const keeper = await startKeeper('attached');
  return describedWith(keeper.environment, keeper.stop);
}

function describedWith(description: EnvironmentDescription, stop: () => Promise<void>): Environment {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const PATH = [...description.commandFolders, process.env.PATH ?? ''].join(path.delimiter);
  return { ...description, env: { ...Object.fromEntries(own), ...description.variables, PATH }, stop };
}

export interface Keeper {
  readonly environment: EnvironmentDescription;
  readonly stop: () => Promise<void>;
  /** Lets go of it, so that this process can end without it. */
  release(): void;
}

/** Starts the process that owns an environment, and waits until everything in it answers. */
export async function startKeeper(mode: 'attached' | 'detached'): Promise<Keeper> {
  const keeper = fork(fileURLToPath(new URL('keeper.ts', import.meta.url)), [mode], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    // Attached, it stays in this terminal's session: sudo asks for the password there.
    detached: mode === 'detached',
    stdio: ['ignore', 'ignore', mode === 'detached' ? 'ignore' : 'inherit', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => keeper.once('exit', resolve));
  let failure = 'it ended before it was ready';
  const environment = await new Promise<EnvironmentDescription>((resolve, reject) => {
    keeper.on('message', (message: KeeperMessage) => {
      if (message.kind === 'progress') report(message.line);
      else if (message.kind === 'ready') resolve(message.environment);
      else failure = message.message;
    });
    // Not before its end, so that everything is cleared away when the caller hears of the failure.
    void exited.then(() => reject(new Error(`the test environment did not start: ${failure}`)));
  });
  return {
    environment,
    stop: async () => {
      keeper.kill('SIGTERM');
      if ((await exited) !== 0) throw new Error('the test environment did not end cleanly');
    },
    release: () => {
      keeper.disconnect();
      keeper.unref();
    },
  };
}

/** Ends the kept environment; false where there is none. */
export async function stopKeptEnvironment(): Promise<boolean> {
  const state = await readState();
  if (state === undefined || !isAlive(state.keeper)) return false;
  process.kill(state.keeper, 'SIGTERM');
  await waitUntil(() => Promise.resolve(!isAlive(state.keeper)), {
    description: `the keeper (process ${state.keeper}) does not end`,
    seconds: 90,
  });
  return true;
}

/** The environment of `up`, unless a part of it does not answer or its recipe has changed, which is reported. */
export async function keptEnvironment(): Promise<EnvironmentDescription | undefined> {
  const state = await readState();
  if (state === undefined || !isAlive(state.keeper)) return undefined;
  const problem = await problemWith(state.environment);
  if (problem === undefined) return state.environment;
  report(`the kept environment is not used: ${problem}; end it with: npx tsx test/support/environment/cli.ts down`);
  return undefined;
}

async function problemWith(environment: EnvironmentDescription): Promise<string | undefined> {
  const attempt = (probe: Promise<unknown>): Promise<boolean> =>
    probe.then(
      (result) => result !== false,
      () => false,
    );
  if (!(await attempt(isAnswering(environment.dockerHost)))) return 'its Docker Engine does not answer';
  const image = connect(environment.dockerHost).getImage(environment.baseImage);
  if (!(await attempt(image.inspect()))) return `its engine has no image ${environment.baseImage}`;
  if (!(await attempt(isRegistryAnswering(environment.registry)))) return 'its registry does not answer';
  if (!(await attempt(isMlflowAnswering(environment.mlflowUri)))) return 'its MLflow does not answer';
  if (!existsSync(environment.kedro)) return 'its Python environment is gone';
  if (environment.recipe !== (await environmentRecipe())) return 'its recipe has changed since';
  return undefined;
}
