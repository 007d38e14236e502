import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, recipeKey } from './environment/cache.js';
import { run } from './environment/commands.js';
import { pythonKey } from './environment/python.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder with the commands of the real husky and lefthook: made once, then kept. */
export async function npmHookManagers(): Promise<string> {
  const packages = ['husky@9.1.7', 'lefthook@2.2.2'];
  const folder = await cached(`hook-managers-${recipeKey(...packages)}`, async (target) => {
    await writeFile(path.join(target, 'package.json'), '{"private": true}');
    await run(['npm', 'install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
      cwd: target,
    });
  });
  return path.join(folder, 'node_modules', '.bin');
}

/** The same for the pre-commit framework. */
export async function preCommitFramework(): Promise<string> {
  const requirement = 'pre-commit==4.7.0';
  const folder = await cached(`pre-commit-${recipeKey(requirement, await pythonKey())}`, async (target) => {
    await run(['python3', '-m', 'venv', target]);
    const python = path.join(target, 'bin', 'python');
    await run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement]);
  });
  return path.join(folder, 'bin');
}

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
