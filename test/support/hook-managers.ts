import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { cached, recipeKey } from './environment/cache.js';
import { run } from './environment/commands.js';
import { pythonKey } from './environment/python.js';

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

/** The same for a version of the pre-commit framework. */
export function preCommitFramework(version = '4.7.0'): Promise<string> {
  return pythonTool(`pre-commit==${version}`);
}

/** The folder with the commands of a Python package, in an environment of its own. */
export async function pythonTool(requirement: string): Promise<string> {
  const [name = ''] = requirement.split('==');
  const folder = await cached(`${name}-${recipeKey(requirement, await pythonKey())}`, async (target) => {
    await run(['python3', '-m', 'venv', target]);
    const python = path.join(target, 'bin', 'python');
    await run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement]);
  });
  return path.join(folder, 'bin');
}
