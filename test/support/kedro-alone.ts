import path from 'node:path';

import { cached, recipeKey } from './environment/cache.js';
import { run } from './environment/commands.js';
import type { Environment } from './environment/environment.js';

/** A kedro in a virtual environment without any plugin. */
export async function kedroAlone({ python, virtualEnvironment, env }: Environment): Promise<string> {
  const uv = path.join(virtualEnvironment, 'bin', 'uv');
  const folder = await cached(`kedro-alone-${recipeKey(virtualEnvironment)}`, async (entry) => {
    await run([python, '-m', 'venv', '--without-pip', entry]);
    await run([uv, 'pip', 'install', '--quiet', '--python', path.join(entry, 'bin', 'python'), 'kedro~=1.7.0'], {
      env,
    });
  });
  return path.join(folder, 'bin', 'kedro');
}
