import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { cached, recipeKey } from './environment/cache.js';
import { run } from './environment/commands.js';
import type { Environment } from './environment/environment.js';
import { createProject } from './environment/project.js';

const FILES = ['Dockerfile', '.dockerignore', '.dive-ci'];

/** A folder with what `kedro docker init` writes into a project. It takes seconds to start and always writes the same. */
export async function kedroDockerTemplates(environment: Environment): Promise<string> {
  const entry = await cached(`kedro-docker-init-${recipeKey(environment.virtualEnvironment)}`, async (folder) => {
    const project = await createProject({ environment, directory: path.join(folder, 'project') });
    await run([environment.kedro, 'docker', 'init'], { cwd: project, env: environment.env });
    await mkdir(path.join(folder, 'files'));
    for (const file of FILES) await cp(path.join(project, file), path.join(folder, 'files', file));
  });
  return path.join(entry, 'files');
}
