import { mkdtempSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { isAlive } from './cache.js';
import { runAsRoot, succeeds } from './commands.js';
import { removeBridge } from './network.js';
import { waitUntil } from './polling.js';
import { report } from './progress.js';

/** On disk, since an engine's images are too large for a /tmp in memory; short, since socket paths may have 107 characters. */
const parent = '/var/tmp';
const prefix = 'kdeploy-test-';

/** A folder for everything that one environment writes, named after nothing but chance, and holding its keeper's process id. At one
 * stroke, so that no signal comes between its making and the caller's note of it. */
export function createRunFolder(): string {
  const folder = mkdtempSync(path.join(parent, prefix));
  writeFileSync(keeperFile(folder), String(process.pid));
  return folder;
}

/** Derived from the folder, so that the bridge of a killed environment can be found again. */
export function bridgeName(folder: string): string {
  return `kdeploy-${path.basename(folder).slice(prefix.length)}`;
}

/** Ends what still runs in the folder, unmounts what is mounted below it, and removes it with its bridge. */
export async function removeRunFolder(folder: string): Promise<void> {
  await killProcessesOf(folder);
  await removeBridge(bridgeName(folder));
  for (const mountPoint of await mountPointsBelow(folder)) await runAsRoot(['umount', '--lazy', mountPoint]);
  // Whatever is still mounted there is not ours to delete.
  const removal = ['rm', '-r', '-f', '--one-file-system', folder];
  // Only a private engine leaves files of root's; with the machine's own engine this works without root.
  if (!(await succeeds(removal))) await runAsRoot(removal);
}

/** Removes what environments left behind whose keeper was killed before it could. */
export async function removeAbandonedRunFolders(): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(parent, name);
    const keeper = Number(await readFile(keeperFile(folder), 'utf8').catch(() => '0'));
    if (keeper === 0 || isAlive(keeper)) continue;
    report(`removing ${folder}, whose keeper is gone`);
    await removeRunFolder(folder);
  }
}

function keeperFile(folder: string): string {
  return path.join(folder, 'keeper.pid');
}

async function killProcessesOf(folder: string): Promise<void> {
  const pids = await processesOf(folder);
  if (pids.length === 0) return;
  const kill = ['sh', '-c', 'kill -s KILL "$@"', 'kill', ...pids];
  if (!(await succeeds(kill))) await runAsRoot(kill, { reject: false });
  await waitUntil(async () => (await processesOf(folder)).length === 0, {
    description: `processes of ${folder} do not end`,
    seconds: 30,
  });
}

/**
 * Every server of an environment has the folder in its command line (data, socket, configuration), and so have the shims that its
 * containers are children of.
 */
async function processesOf(folder: string): Promise<string[]> {
  const processes: { readonly pid: string; readonly parent: string; readonly commandLine: string }[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    // One that has ended, but whose parent has not asked yet, has no command line.
    if (commandLine !== '') processes.push({ pid, parent: /^PPid:\s+(\d+)/m.exec(status)?.[1] ?? '', commandLine });
  }
  const found = new Set(
    processes.filter(({ commandLine }) => commandLine.includes(`${folder}/`)).map(({ pid }) => pid),
  );
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Innermost first. */
async function mountPointsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const mountPoints = table.split('\n').map((line) => line.split(' ')[4] ?? '');
  return mountPoints.filter((mountPoint) => mountPoint.startsWith(`${folder}/`)).reverse();
}
