/** One environment for all integration tests: mocha requires this file, and tests ask `environment()` for it. */
import { startEnvironment, type Environment } from './environment.js';

let current: Environment | undefined;

export async function mochaGlobalSetup(): Promise<void> {
  current = await startEnvironment();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await current?.stop();
}

export function environment(): Environment {
  if (current === undefined)
    throw new Error('the test environment is there only while tests run, not while they are defined');
  return current;
}
