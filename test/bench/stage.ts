import { appendFile } from 'node:fs/promises';
import path from 'node:path';

import { run } from '../support/environment/commands.js';
import type { Environment } from '../support/environment/environment.js';
import type { Outcome } from '../support/command.js';
import type { Workspace } from '../support/workspace.js';

/** Where all measurements take place. */
export interface Stage {
  readonly environment: Environment;
  readonly workspace: Workspace;
  /** The folder of the spaceflights project. */
  readonly project: string;
}

/** A line more in a node, as a developer's edit. */
export function editNode(project: string): Promise<void> {
  return appendFile(path.join(project, 'src/spaceflights/pipelines/data_science/nodes.py'), `# ${Math.random()}\n`);
}

/** The last arguments are what kedro-docker passes on to `docker build`. */
export function kedroDockerBuild(
  { environment, workspace, project }: Stage,
  image: string,
  ...dockerArgs: string[]
): Promise<string> {
  const options = ['--uid', '999', '--gid', '0', '--base-image', environment.baseImage, '--image', image];
  const passedOn = dockerArgs.length === 0 ? [] : [`--docker-args=${dockerArgs.join(' ')}`];
  return run([environment.kedro, 'docker', 'build', ...options, ...passedOn], { cwd: project, env: workspace.env });
}

/** What kdeploy is held against. */
export async function kedroDockerBuildAndPush(stage: Stage, image: string, ...dockerArgs: string[]): Promise<void> {
  await kedroDockerBuild(stage, image, ...dockerArgs);
  await run(['docker', 'push', '--quiet', image], { env: stage.workspace.env });
}

export function succeeded({ exitCode, stderr }: Outcome): void {
  if (exitCode !== 0) throw new Error(`kdeploy ended with exit code ${String(exitCode)}:\n${stderr}`);
}
