import { run } from './environment/commands.js';
import type { Environment } from './environment/environment.js';
import { environment } from './environment/mocha.js';
import type { Workspace } from './workspace.js';

/** The tests' base image in the registry, for the builder that asks no engine for it. */
export async function baseInRegistry(workspace: Workspace, around: Environment = environment()): Promise<string> {
  return pushed(workspace, around.baseImage, 'python:3.11', around);
}

/**
 * An image of the engine, in the registry under a name of the workspace. Not pushed by the engine, which would remember the
 * digest for the base image that all tests share.
 */
export async function pushed(
  workspace: Workspace,
  image: string,
  name: string,
  { env, dockerHost }: Environment = environment(),
): Promise<string> {
  const target = `${workspace.prefix}/${name}`;
  const options = ['--quiet', '--src-daemon-host', dockerHost, '--dest-tls-verify=false'];
  await run(['skopeo', 'copy', ...options, `docker-daemon:${image}`, `docker://${target}`], { env, all: true });
  return target;
}
