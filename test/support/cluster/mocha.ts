/** One cluster for all tests that need one, beside the test environment: mocha requires this file after that one's. */
import { environment } from '../environment/mocha.js';
import { startCluster, type Cluster } from './cluster.js';

let current: Cluster | undefined;

export async function mochaGlobalSetup(): Promise<void> {
  current = await startCluster(environment());
}

export async function mochaGlobalTeardown(): Promise<void> {
  await current?.stop();
}

export function cluster(): Cluster {
  if (current === undefined) throw new Error('the cluster is there only while tests run, not while they are defined');
  return current;
}
