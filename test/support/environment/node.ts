import { cp, mkdtemp, rm } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import path from 'node:path';

import { cached, recipeKey } from './cache.js';
import { run } from './commands.js';
import { timed } from './progress.js';

/** What `npm test` tries the compiled program with: the oldest of two lines that it promises to run on, and the newest of the last. */
export const NODES = ['20.19.0', '22.3.0', '24'] as const;
/** What `npm run test:long` tries as well: the newest one in between. */
export const NODES_AT_NIGHT = ['22'] as const;
/** What kdeploy refuses to run on: the last of older lines, and the last one in the gap. */
export const NODES_REFUSED = ['12', '18', '22.2.0'] as const;

/** The program of a version of Node, which npm brings as the package `node`; `24` is the newest 24 there was when it was first asked for. */
export async function ensureNode(version: string): Promise<string> {
  const folder = await cached(`node-${recipeKey(version, platform(), arch())}`, (entry) =>
    timed(`Node ${version}`, 'installed', () => install(version, entry)),
  );
  return path.join(folder, 'node');
}

/** Nothing but the program is kept: the packages around it have its files twice. */
async function install(version: string, folder: string): Promise<void> {
  const packages = await mkdtemp(path.join(tmpdir(), 'kdeploy-node-'));
  try {
    const quiet = ['--silent', '--no-audit', '--no-fund', '--no-save'];
    // Its script fetches the package for this machine.
    await run(['npm', 'install', ...quiet, '--ignore-scripts=false', '--prefix', packages, `node@${version}`]);
    await cp(path.join(packages, 'node_modules', 'node', 'bin', 'node'), path.join(folder, 'node'));
  } finally {
    await rm(packages, { recursive: true, force: true });
  }
}
