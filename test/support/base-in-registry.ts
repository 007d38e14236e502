import { run } from './environment/commands.js';
import { environment } from './environment/mocha.js';
import type { Workspace } from './workspace.js';

/** The tests' base image in the registry, for the builder that asks no engine for it. */
export async function baseInRegistry(workspace: Workspace): Promise<string> {
  return pushed(workspace, environment().baseImage, 'python:3.11');
}

/** An image of the engine, pushed under a name of the workspace. */
export async function pushed(workspace: Workspace, image: string, name: string): Promise<string> {
  const target = `${workspace.prefix}/${name}`;
  const options = { env: environment().env, all: true };
  await run(['docker', 'tag', image, target], options);
  await run(['docker', 'push', '--quiet', target], options);
  return target;
}
