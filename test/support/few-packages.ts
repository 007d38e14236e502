import { appendFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { commitAll } from './environment/project.js';
import type { Workspace } from './workspace.js';

/** A committed project for the builder layers, in a folder of the workspace: small packages, one of them with machine code. */
export async function projectOfFewPackages(workspace: Workspace): Promise<string> {
  const project = await workspace.tinyProject('tiny');
  await rm(path.join(project, 'Dockerfile'));
  await appendFile(path.join(project, '.dockerignore'), '.git\n');
  await writeFile(path.join(project, 'requirements.txt'), 'iniconfig==2.1.0\npyyaml==6.0.2\n');
  await commitAll(project, 'Need little');
  return project;
}
