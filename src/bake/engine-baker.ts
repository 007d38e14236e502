import type { EngineContainer, EngineContainers } from '../engine/containers.js';
import { uniqueName } from '../engine/intermediate.js';
import { KdeployError } from '../errors.js';
import type { BakePlan } from '../image/bake-plan.js';
import { resolveUser, type Owner } from '../image/passwd.js';
import { withEnvironment, type RunConfiguration } from '../image/run-configuration.js';
import type { BakeableImage, Baker } from './baker.js';
import { bakeArchive, ContainerFolders, type RestatedFolder } from './bake-archive.js';

/**
 * Bakes on the Docker Engine: files are copied into a container that is never started, and the container is committed.
 * A child Dockerfile would do the same in more steps, and would need its values escaped; commit takes them as data.
 */
export class EngineBaker implements Baker {
  constructor(private readonly containers: EngineContainers) {}

  async bake(image: BakeableImage, plan: BakePlan): Promise<string> {
    return this.containers.using(
      // The command is never run; one must be named for an image that has none.
      {
        image: image.id,
        name: uniqueName('bake'),
        command: plan.configuration.cmd.length > 0 ? plan.configuration.cmd : ['true'],
      },
      async (container) => {
        const folders = new ContainerFolders(container);
        for (const { folder, otherwise } of plan.needs) await requireFolder(folders, folder, otherwise);
        if (plan.files.length > 0) await copyFiles(container, folders, plan);
        return container.commit(
          withEmptiedVariables(plan.configuration, image.configuration),
          'kdeploy: tracking, authentication and labels',
        );
      },
    );
  }
}

/**
 * Commit merges the container's variables into the ones it is given, so one that the plan leaves out (an earlier bake's)
 * would come back; it is emptied instead, which MLflow, Kedro and the runtime read as absent.
 */
export function withEmptiedVariables(plan: RunConfiguration, image: RunConfiguration): RunConfiguration {
  const nameOf = (entry: string): string => entry.slice(0, entry.indexOf('='));
  const planned = new Set(plan.env.map(nameOf));
  const dropped = image.env.map(nameOf).filter((name) => !planned.has(name));
  return { ...plan, env: withEnvironment(plan.env, Object.fromEntries(dropped.map((name) => [name, '']))) };
}

async function requireFolder(folders: ContainerFolders, folder: string, otherwise: string): Promise<void> {
  const found = await folders.existing(folder);
  if (found.path === folder && found.kind !== 'other') return;
  throw new KdeployError('bake-failed', otherwise, {
    hint: 'build from the folder that contains conf/, and make sure that neither the Dockerfile nor .dockerignore excludes conf/',
  });
}

async function copyFiles(container: EngineContainer, folders: ContainerFolders, plan: BakePlan): Promise<void> {
  const owner = await ownerOf(container, plan.configuration.user);
  const parents = await Promise.all(
    plan.files.map(({ path }) => folders.existing(path.slice(0, path.lastIndexOf('/')))),
  );
  const changed = new Map(parents.map((parent) => [parent.path, parent]));
  const restated: RestatedFolder[] = [];
  for (const { path, kind } of changed.values()) {
    const header = kind === 'folder' && path !== '/' ? await container.stat(path) : undefined;
    if (header !== undefined) restated.push({ path, header });
  }
  const isExisting = (folder: string): boolean => parents.some(({ path }) => `${path}/`.startsWith(`${folder}/`));
  await container.putArchive('/', await bakeArchive(restated, isExisting, plan.files, owner));
}

async function ownerOf(container: EngineContainer, user: string): Promise<Owner> {
  if (user === '') return { uid: 0, gid: 0 };
  const read = async (file: string): Promise<string> => (await container.readFile(file))?.toString('utf8') ?? '';
  // Each look into a container costs some 50 ms, and /etc/group is only needed for a group's name.
  const owner = resolveUser(user, await read('/etc/passwd'), user.includes(':') ? await read('/etc/group') : '');
  if (owner === undefined) {
    throw new KdeployError('bake-failed', `the image's USER ${user} is not in its /etc/passwd`, {
      hint: 'create the user in the Dockerfile before the USER line',
    });
  }
  return owner;
}
