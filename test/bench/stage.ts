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

export function kedroDockerBuild({ environment, workspace, project }: Stage, image: string): Promise<string> {
  const options = ['--uid', '999', '--gid', '0', '--base-image', environment.baseImage, '--image', image];
  return run([environment.kedro, 'docker', 'build', ...options], { cwd: project, env: workspace.env });
}

export function succeeded({ exitCode, stderr }: Outcome): void {
  if (exitCode !== 0) throw new Error(`kdeploy ended with exit code ${String(exitCode)}:\n${stderr}`);
}
