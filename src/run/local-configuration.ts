import { stat } from 'node:fs/promises';
import path from 'node:path';
import { environmentNames } from '../project/kedro/loader-settings.js';
import type { Project } from '../project/project.js';

/** A folder of configuration on this machine. */
export interface LocalConfiguration {
  /** Absolute. */
  readonly folder: string;
  /** Where it is in the project, and in the image below the working directory: `conf/local`. */
  readonly name: string;
}

/**
 * The folder of the environment that a plain `kedro run` takes: conf/local, or what settings.py calls it. `undefined`
 * when the project has none.
 */
export async function localConfigurationOf(project: Project): Promise<LocalConfiguration | undefined> {
  const { confSource, defaultRunEnvironment } = await environmentNames(project);
  const name = path.posix.join(confSource, defaultRunEnvironment);
  const folder = path.join(project.root, name);
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true ? { folder, name } : undefined;
}
