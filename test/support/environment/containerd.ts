import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { asRoot, requireCommand, requireRoot, run, succeeds } from './commands.js';
import { ensurePackages, needCommand } from './packages.js';
import { waitUntil } from './polling.js';
import { startProcess } from './processes.js';
import { timed } from './progress.js';
import { createRunFolder, removeRunFolder } from './run-folder.js';

export interface Containerd {
  /** Runs `ctr` with these arguments, and returns what it wrote. */
  ctr(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** containerd as a cluster's nodes have it, without the one of an engine: images, containers and sockets to itself. */
export async function startContainerd(): Promise<Containerd> {
  await ensurePackages([
    needCommand('containerd', 'containerd'),
    needCommand('ctr', 'containerd'),
    needCommand('runc', 'runc'),
  ]);
  await requireRoot('starting containerd');
  const folder = createRunFolder();
  const place = (name: string): string => path.join(folder, name);
  const client = asRoot([requireCommand('ctr'), '--address', place('containerd.sock')]);
  try {
    // Kubernetes' interface wants a network of its own.
    const configuration = [
      'version = 2',
      ...[`root = "${place('root')}"`, `state = "${place('state')}"`],
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      ...['[grpc]', `address = "${place('containerd.sock')}"`],
    ];
    await writeFile(place('containerd.toml'), `${configuration.join('\n')}\n`);
    await timed('containerd', 'started', async () => {
      const server = startProcess({
        name: 'containerd',
        asRoot: true,
        logFile: place('containerd.log'),
        command: [requireCommand('containerd'), '--config', place('containerd.toml')],
      });
      await waitUntil(() => succeeds([...client, 'version']), {
        description: 'containerd does not answer',
        seconds: 30,
        hopeless: server.exited,
      });
    });
  } catch (error) {
    await removeRunFolder(folder);
    throw error;
  }
  return { ctr: (...args) => run([...client, ...args]), stop: () => removeRunFolder(folder) };
}
