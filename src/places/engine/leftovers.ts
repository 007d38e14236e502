import type Dockerode from 'dockerode';
import { INTERMEDIATE_REPOSITORY } from '../../image/bake-step.js';
import type { EngineImages } from './images.js';
import { EngineContainer } from './containers.js';
import { makerOf, ownMachine } from './intermediate.js';
import { listOf, optionalTextIn, textIn, textsIn } from './shape.js';

/** What a command left on the engine that was killed, or whose machine was lost. */
export interface Leftovers {
  /** IDs. */
  readonly containers: readonly string[];
  /** Temporary tags, with the IDs of their images. */
  readonly images: readonly { readonly tag: string; readonly id: string }[];
}

/** After that nothing of kdeploy's is at work any more, wherever it was started. */
const ABANDONED_SECONDS = 24 * 60 * 60;

/** What is alive here, and when it is; a parameter for tests. */
export interface Here {
  readonly machine: string;
  readonly seconds: number;
  readonly isAlive: (pid: number) => boolean;
}

/** Looks for what is kdeploy's on an engine, and nobody's any more. */
export async function findLeftovers(docker: Dockerode, here: Here = ownHere()): Promise<Leftovers> {
  const answers: unknown[] = await Promise.all([
    docker.listContainers({ all: true, filters: { name: ['kdeploy-'] } }),
    docker.listImages({ filters: { reference: [INTERMEDIATE_REPOSITORY] } } as Dockerode.ListImagesOptions),
  ]);
  const [containers, images] = answers;
  return {
    containers: listOf(containers)
      .filter((container) => !isAtWork(container) && textsIn(container, 'Names').some((name) => isNobodys(name, here)))
      .map((container) => textIn(container, 'Id')),
    images: listOf(images).flatMap((image) => {
      const tags = textsIn(image, 'RepoTags').filter((tag) => isNobodys(tag, here));
      return tags.map((tag) => ({ tag, id: textIn(image, 'Id') }));
    }),
  };
}

/** Removes it; returns how much it was. What cannot be removed is left for the next time. */
export async function sweepLeftovers(
  docker: Dockerode,
  images: Pick<EngineImages, 'remove'>,
  here: Here = ownHere(),
): Promise<number> {
  const found = await findLeftovers(docker, here);
  for (const id of found.containers) await new EngineContainer(docker.getContainer(id)).remove().catch(() => undefined);
  for (const { tag, id } of found.images) {
    await images.remove(tag).catch(() => undefined);
    // Podman keeps an image that has lost its last tag.
    await images.remove(id).catch(() => undefined);
  }
  return countOf(found);
}

export function countOf({ containers, images }: Leftovers): number {
  return containers.length + images.length;
}

/** A pipeline that `kdeploy run` started goes on when kdeploy is killed; it is removed when it has ended. */
function isAtWork(container: unknown): boolean {
  const isRun = textsIn(container, 'Names').some((name) => name.startsWith('/kdeploy-run-'));
  return isRun && optionalTextIn(container, 'State') === 'running';
}

function isNobodys(name: string, { machine, seconds, isAlive }: Here): boolean {
  const maker = makerOf(name);
  if (maker === undefined) return false;
  return (maker.machine === machine && !isAlive(maker.pid)) || seconds - maker.time > ABANDONED_SECONDS;
}

function ownHere(): Here {
  return { machine: ownMachine(), seconds: Date.now() / 1000, isAlive };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
