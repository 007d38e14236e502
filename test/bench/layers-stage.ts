import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

import { baseInRegistry } from '../support/base-in-registry.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import type { Workspace } from '../support/workspace.js';
import { kedroDockerBuildAndPush, succeeded, type Stage } from './stage.js';

/** Where the rows of the builder layers start: both ways have built and pushed the project before, as its developer has. */
export interface LayersStage extends Stage {
  /** The base image in the registry, for the builder asks no engine for it. */
  readonly base: string;
  /** The repository of this builder's images. */
  readonly byLayers: string;
  /** The image of kedro-docker. */
  readonly byKedro: string;
}

const prepared = new WeakMap<Stage, Promise<LayersStage>>();

/** Prepared once, by the first row that asks. */
export async function layersStage(stage: Stage): Promise<LayersStage> {
  const ready = prepared.get(stage) ?? prepare(stage);
  prepared.set(stage, ready);
  return ready;
}

async function prepare(stage: Stage): Promise<LayersStage> {
  const { environment, workspace } = stage;
  const base = await baseInRegistry(environment);
  const [byLayers, byKedro] = [`${workspace.prefix}/by-layers`, `${workspace.prefix}/by-kedro:v1`];
  const ready = { ...stage, base, byLayers, byKedro };
  await kedroDockerBuildAndPush(stage, byKedro);
  await layersBuildAndPush(ready, byLayers);
  return ready;
}

export interface LayersBuildOptions {
  readonly selfTest?: 'auto' | 'never';
  /** Of the machine that builds, where it is another one. */
  readonly machine?: Readonly<Record<string, string>>;
}

export function layersBuildArguments({ base }: LayersStage, repository: string): string[] {
  return ['build', '--builder', 'layers', '--base-image', base, '--image', repository, '--tag', 'v1', '--push'];
}

/** To `repository:v1`. */
export async function layersBuildAndPush(
  stage: LayersStage,
  repository: string,
  { selfTest = 'auto', machine = {} }: LayersBuildOptions = {},
): Promise<void> {
  const args = [...layersBuildArguments(stage, repository), '--self-test', selfTest];
  succeeded(await stage.workspace.kdeploy(args, { cwd: stage.project, env: machine }));
}

/** Machines that have never built anything, one after the other. */
export interface ColdMachines {
  /** The next one, which then is the current one; the one before is gone. */
  next(): Promise<void>;
  /** The variables of the current one. */
  variables(): Record<string, string>;
  remove(): Promise<void>;
}

/** With no wheels, layers, or verdicts of kdeploy, and nothing in uv's own cache. */
export function coldMachines({ folder }: Workspace): ColdMachines {
  let current = '';
  const remove = () => rm(current, { recursive: true, force: true });
  return {
    next: async () => {
      await remove();
      current = await mkdtemp(path.join(folder, 'cold-'));
    },
    variables: () => ({
      KDEPLOY_CACHE_FOLDER: path.join(current, 'cache'),
      KDEPLOY_STATE_FOLDER: path.join(current, 'state'),
      UV_CACHE_DIR: path.join(current, 'uv'),
    }),
    remove,
  };
}

/** Registries that have nothing yet, one after the other. */
export interface EmptyRegistries {
  /** The next one, which then is the current one; the one before is gone. */
  next(): Promise<void>;
  /** The name's in the current one. */
  named(name: string): string;
  remove(): Promise<void>;
}

export function emptyRegistries(workspace: Workspace): EmptyRegistries {
  let current: Registry | undefined;
  const remove = async (): Promise<void> => {
    await current?.stop();
    current = undefined;
  };
  return {
    next: async () => {
      await remove();
      current = await startRegistry({ parent: workspace.folder });
    },
    named: (name) => {
      if (current === undefined) throw new Error('there is a registry only after next()');
      return `${workspace.prefixAt(current.address)}/${name}`;
    },
    remove,
  };
}
