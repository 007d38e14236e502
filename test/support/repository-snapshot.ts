import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './environment/commands.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** This repository as a git repository of one commit, with what is not committed yet: what others would install from. */
export async function snapshotOfThisRepository(parent: string): Promise<string> {
  const target = await mkdtemp(path.join(parent, 'kdeploy-'));
  const files = await run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of files.split('\0').filter((name) => name !== '')) {
    await mkdir(path.dirname(path.join(target, file)), { recursive: true });
    // A file that is deleted and still listed is not part of it.
    await cp(path.join(root, file), path.join(target, file)).catch(() => undefined);
  }
  await rm(path.join(target, '.git'), { recursive: true, force: true });
  const git = (...args: string[]) =>
    run(['git', '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: target });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--no-gpg-sign', '--message', 'all');
  return target;
}
