import { readdir, readFile } from 'node:fs/promises';

import type Docker from 'dockerode';

import { environment } from './environment/mocha.js';
import type { Workspace } from './workspace.js';

export interface Traces {
  readonly containers: readonly string[];
  readonly intermediateTags: readonly string[];
  readonly nameless: readonly string[];
  readonly processes: readonly string[];
}

/** What commands that ran in this workspace, or anyone else's that are named like them, have left on the engine and the machine. */
export async function tracesOf({ docker, env }: Workspace): Promise<Traces> {
  const [containers, images] = await Promise.all([docker.listContainers({ all: true }), docker.listImages()]);
  return {
    containers: containers.flatMap(({ Names }) => Names).filter((name) => name.startsWith('/kdeploy-')),
    intermediateTags: images
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((tag) => tag.startsWith('kdeploy-intermediate')),
    nameless: (await namelessBakes(docker)).sort(),
    processes: await processesWith(`KDEPLOY_STATE_FOLDER=${env.KDEPLOY_STATE_FOLDER ?? ''}`),
  };
}

/** Baked images under no tag. Baking again and moving a tag makes one, as with docker; a build that fails must not. */
async function namelessBakes(docker: Docker): Promise<string[]> {
  const filters = { dangling: ['true'], label: ['io.kdeploy.plan'] };
  return (await docker.listImages({ filters: JSON.stringify(filters) } as object)).map(({ Id }) => Id);
}

/** Containers that a build step runs in, found by their command. */
export async function stepContainers(docker: Docker, marker: string): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  return containers.filter(({ Command }) => Command.includes(marker)).map(({ Id }) => Id);
}

/** Children inherit the variable, and so do theirs: however deep, all are found. */
async function processesWith(variable: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    try {
      const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
      if (variables.includes(variable))
        found.push((await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' '));
    } catch {
      // Gone meanwhile, or somebody else's.
    }
  }
  return found;
}

/** A name under which another image stands, to see whether a command that fails leaves it there. */
export async function occupy(workspace: Workspace, repository: string, tag: string): Promise<string> {
  const { baseImage } = environment();
  await workspace.docker.getImage(baseImage).tag({ repo: repository, tag });
  return (await workspace.docker.getImage(baseImage).inspect()).Id;
}
