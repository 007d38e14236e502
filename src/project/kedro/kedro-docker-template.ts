import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { KedroCommand } from './kedro-command.js';
import { sitePackagesOf } from './kedro-python.js';

/**
 * The Dockerfile that the project's kedro-docker writes where there is none. Its versions differ: up to 0.4 they install
 * `src/requirements.txt`. `undefined` where kedro-docker is not installed, or not found.
 */
export async function kedroDockerDockerfile(
  kedro: KedroCommand,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  for (const folder of await sitePackagesOf(kedro, environment.HOME)) {
    const file = path.join(folder, 'kedro_docker', 'template', 'Dockerfile.simple');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}
