import type { EngineContainer, EngineContainers } from '../places/engine/containers.js';
import type { EngineImages } from '../places/engine/images.js';
import { uniqueName } from '../places/engine/intermediate.js';
import { KdeployError } from '../errors.js';
import { pathFiles, type BakedFile, type BakePlan } from '../image/bake-plan.js';
import { BAKE_COMMENT } from '../image/bake-step.js';
import { RUNTIME_FOLDER } from '../image/baked-environment.js';
import { LABELS } from '../image/labels.js';
import { formatLocations, type Locations } from '../image/locations.js';
import { resolveUser, type Owner } from '../image/passwd.js';
import type { RunConfiguration } from '../image/run-configuration.js';
import type { BakeableImage, Baker } from './baker.js';
import { bakeArchive, ContainerFolders, type RestatedFolder } from './bake-archive.js';
import { danglingLink } from './dangling-link.js';
import { committableConfiguration } from './committable-configuration.js';
import { differences } from './read-back.js';
import { readLocations } from './read-locations.js';

/**
 * Bakes on the Docker Engine: files are copied into a container that is never started, and the container is committed.
 * A child Dockerfile would do the same in more steps, and would need its values escaped; commit takes them as data.
 */
export class EngineBaker implements Baker {
  constructor(
    private readonly containers: EngineContainers,
    private readonly images: Pick<EngineImages, 'find' | 'remove'>,
  ) {}

  async bake(image: BakeableImage, plan: BakePlan, tag: string): Promise<string> {
    const locations = await this.locations(image, plan);
    const files = [...plan.files, ...pathFiles(plan, locations)];
    refuseVolumes(image, files);
    const planned = withLocations(plan.configuration, locations);
    const configuration = committableConfiguration(planned, image.configuration);
    const id = await this.containers.using(
      { image: image.id, name: uniqueName('bake'), configuration },
      async (container) => {
        const folders = new ContainerFolders(container);
        for (const { folder, otherwise } of plan.needs) await requireFolder(folders, folder, otherwise);
        if (files.length > 0) {
          await copyFiles(container, folders, files, plan.configuration.user).catch(async (error: unknown) => {
            for (const { folder } of plan.needs)
              if (await isDangling(container, folder)) throw danglingLink(folder, 'a folder', error);
            throw error;
          });
        }
        return container.commit(configuration, BAKE_COMMENT, tag);
      },
    );
    try {
      await this.readBack(id, image, files, configuration);
    } catch (error) {
      // The first failure is the one to report.
      for (const name of [tag, id]) await this.images.remove(name).catch(() => undefined);
      throw error;
    }
    return id;
  }

  private async locations({ id }: BakeableImage, plan: BakePlan): Promise<Locations | undefined> {
    if (plan.pathFile === undefined) return undefined;
    return readLocations(this.containers, id, [...plan.needs.map(({ folder }) => folder), RUNTIME_FOLDER]);
  }

  /** Engines ignore what they do not support and report success anyway. */
  private async readBack(
    id: string,
    image: BakeableImage,
    files: readonly BakedFile[],
    configuration: RunConfiguration,
  ): Promise<void> {
    const made = await this.images.find(id);
    const problems =
      made === undefined
        ? ['the engine does not have it']
        : [
            ...differences(configuration, made.configuration).map((difference) => `its ${difference}`),
            ...(isOnTopOf(image.layers, made.layers) ? [] : ['its layers do not start with those of the built image']),
            ...(await this.missingFiles(id, files)).map((path) => `${path} is missing or has another size`),
          ];
    if (problems.length === 0) return;
    throw new KdeployError(
      'bake-failed',
      `the engine created an image that differs from the plan: ${problems.join('; ')}`,
      {
        hint: 'no tag was moved; kdeploy needs Docker Engine 20.10 or Podman 4, or later: see `docker version`',
      },
    );
  }

  /** The files are unpacked from one archive, in this order: the first and the last one represent all of them. */
  private async missingFiles(id: string, files: readonly BakedFile[]): Promise<string[]> {
    const ends = files.length > 1 ? [files.at(0), files.at(-1)] : files;
    if (ends.length === 0) return [];
    return this.containers.using({ image: id, name: uniqueName('read-back') }, async (container) => {
      const missing: string[] = [];
      for (const file of ends) {
        if (file === undefined) continue;
        const found = await container.look(file.path);
        if (found?.kind !== 'other' || found.size !== file.content.length) missing.push(file.path);
      }
      return missing;
    });
  }
}

function withLocations(configuration: RunConfiguration, locations: Locations | undefined): RunConfiguration {
  if (locations === undefined) return configuration;
  return { ...configuration, labels: { ...configuration.labels, [LABELS.locations]: formatLocations(locations) } };
}

function isOnTopOf(lower: readonly string[], layers: readonly string[]): boolean {
  return lower.every((layer, index) => layers[index] === layer);
}

/** Commit leaves out what is in a volume, without a word. */
function refuseVolumes({ volumes }: BakeableImage, files: readonly BakedFile[]): void {
  for (const volume of volumes) {
    const lost = files.find(({ path }) => path.startsWith(`${volume.replace(/\/+$/, '')}/`));
    if (lost === undefined) continue;
    throw new KdeployError(
      'bake-failed',
      `the image declares VOLUME ${volume}, so ${lost.path} cannot be baked into it`,
      {
        hint: 'remove the VOLUME line from the Dockerfile or its base image, or limit it to a data folder, such as data/',
      },
    );
  }
}

async function requireFolder(folders: ContainerFolders, folder: string, otherwise: string): Promise<void> {
  const found = await folders.existing(folder);
  if (found.path === folder && found.kind !== 'other') return;
  throw new KdeployError('bake-failed', otherwise, {
    hint: 'build from the folder that contains conf/, and make sure that neither the Dockerfile nor .dockerignore excludes conf/',
  });
}

/** The engine follows a link before the dot. */
async function isDangling(container: EngineContainer, folder: string): Promise<boolean> {
  if ((await container.kindOf(folder)) !== 'link') return false;
  return (await container.kindOf(`${folder}/.`)) === undefined;
}

async function copyFiles(
  container: EngineContainer,
  folders: ContainerFolders,
  files: readonly BakedFile[],
  user: string,
): Promise<void> {
  const owner = await ownerOf(container, user);
  const parents = await Promise.all(files.map(({ path }) => folders.existing(path.slice(0, path.lastIndexOf('/')))));
  const changed = new Map(parents.map((parent) => [parent.path, parent]));
  const restated: RestatedFolder[] = [];
  for (const { path, kind } of changed.values()) {
    const header = kind === 'folder' && path !== '/' ? await container.stat(path) : undefined;
    if (header !== undefined) restated.push({ path, header });
  }
  const isExisting = (folder: string): boolean => parents.some(({ path }) => `${path}/`.startsWith(`${folder}/`));
  await container.putArchive('/', await bakeArchive(restated, isExisting, files, owner));
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
