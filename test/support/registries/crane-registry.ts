import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { waitUntil } from '../environment/polling.js';
import { freePort } from '../environment/ports.js';
import { startProcess } from '../environment/processes.js';
import { isRegistryAnswering, type Registry } from '../environment/registry.js';

/** Nothing like distribution: one store of blobs in memory for all repositories, no credentials, another author's reading of the spec. */
export async function startCraneRegistry(crane: string): Promise<Registry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-registry-'));
  const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const server = startProcess({
    name: 'crane registry serve',
    command: [crane, 'registry', 'serve', '--address', address],
    logFile: path.join(folder, 'registry.log'),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil(() => isRegistryAnswering(address), {
      description: 'the registry of crane does not answer',
      seconds: 30,
      hopeless: server.exited,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop };
}
