import { mkdir, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ensureBaseImage } from './base-image.js';
import { requireCommand, requireRoot } from './commands.js';
import { isAnswering, type EngineHost } from './engine.js';
import { ensurePackages, needCommand, needFile } from './packages.js';
import { waitUntil } from './polling.js';
import { startProcess } from './processes.js';
import { timed } from './progress.js';
import { createRunFolder, removeRunFolder } from './run-folder.js';

export interface Podman {
  /** Its Docker-compatible API, addressed as in DOCKER_HOST. */
  readonly host: EngineHost;
  stop(): Promise<void>;
}

/** What statfs says of a file system that cannot carry another overlay. */
const OVERLAY = 0x794c7630;

/** Podman as `startEmptyPodman` starts it, with the tests' base image in it. */
export async function startPodman(gateway: string): Promise<Podman> {
  const podman = await startEmptyPodman();
  try {
    await ensureBaseImage(podman.host, gateway);
    return podman;
  } catch (error) {
    await podman.stop();
    throw error;
  }
}

/**
 * Podman's own service, with images, containers and configuration to itself, on the host's network: containers then reach what this
 * machine reaches, and no rule of its firewall is touched.
 */
export async function startEmptyPodman(): Promise<Podman> {
  await ensurePackages([
    needCommand('podman', 'podman'),
    needCommand('conmon', 'conmon'),
    needFile('/usr/bin/catatonit', 'catatonit'),
  ]);
  await requireRoot('starting Podman');
  const folder = createRunFolder();
  const stop = (): Promise<void> => removeRunFolder(folder);
  try {
    return { host: await timed('Podman', 'started', () => startService(folder)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startService(folder: string): Promise<EngineHost> {
  const place = (name: string): string => path.join(folder, name);
  // Without limits of its own Podman asks for the highest, which is refused where this machine runs in a container.
  const configuration = ['[containers]', 'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]', 'netns = "host"'];
  await writeFile(place('containers.conf'), `${configuration.join('\n')}\n`);
  await mkdir(place('storage'));
  const driver = (await statfs(folder)).type === OVERLAY ? 'vfs' : 'overlay';
  const host = `unix://${place('podman.sock')}`;
  const server = startProcess({
    name: 'podman',
    asRoot: true,
    logFile: place('podman.log'),
    env: { CONTAINERS_CONF: place('containers.conf'), TMPDIR: folder },
    command: [
      ...[requireCommand('podman'), '--root', place('storage'), '--runroot', place('run'), '--tmpdir', place('libpod')],
      ...['--storage-driver', driver, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
      ...['system', 'service', '--time', '0', host],
    ],
  });
  await waitUntil(() => isAnswering(host), {
    description: 'Podman does not answer',
    seconds: 30,
    hopeless: server.exited,
  });
  return host;
}
