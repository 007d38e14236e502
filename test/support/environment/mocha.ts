/** One environment for all integration tests: mocha requires this file, and tests ask `environment()` for it. */
import { hold, recipeKey } from './cache.js';
import { startEnvironment, type Environment } from './environment.js';

/** As long as all integration tests may take. */
const LONGEST_SECONDS = 2 * 3600;

let current: Environment | undefined;
let release: (() => Promise<void>) | undefined;

/**
 * Waits for other tests on the same engine: some look at everything that is there. A private engine has none; only the machine's
 * own, or that of a kept environment, is shared.
 */
export async function mochaGlobalSetup(): Promise<void> {
  current = await startEnvironment();
  release = await hold(`engine-${recipeKey(current.dockerHost)}`, LONGEST_SECONDS);
}

export async function mochaGlobalTeardown(): Promise<void> {
  await release?.();
  await current?.stop();
}

export function environment(): Environment {
  if (current === undefined)
    throw new Error('the test environment is there only while tests run, not while they are defined');
  return current;
}
