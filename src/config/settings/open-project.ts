import { environmentNames } from '../../project/kedro/loader-settings.js';
import { findProject, type Project } from '../../project/project.js';
import type { SettingsFlags } from './flags.js';
import { loadSettings } from './load.js';
import type { Settings } from './settings.js';

export interface OpenProjectOptions {
  /** The project, or a folder in it. */
  readonly folder: string;
  /** `undefined`: the environment that a plain `kedro run` of this project uses. */
  readonly env: string | undefined;
  readonly flags?: SettingsFlags;
  readonly environmentVariables: Readonly<Record<string, string | undefined>>;
}

export interface OpenedProject {
  readonly project: Project;
  readonly settings: Settings;
  /** Kedro's run environment: the one asked for, else the default of settings.py. */
  readonly env: string;
  /** The folder of configuration, as settings.py names it: `conf`. */
  readonly confSource: string;
  /** Whether a `kedro run` without --env is certain to use that environment. */
  readonly isDefaultEnv: boolean;
}

/** A project with its settings: what every command starts from. Throws what `findProject` and `loadSettings` throw. */
export async function openProject({ folder, ...options }: OpenProjectOptions): Promise<OpenedProject> {
  return withSettings(await findProject(folder), options);
}

/**
 * The settings of a project that was already found, wherever it is read from. kdeploy.yml lies where Kedro's own
 * configuration does, so the names that settings.py gives to folder and environments count for it as well.
 */
export async function withSettings(
  project: Project,
  { env: asked, flags = {}, environmentVariables }: Omit<OpenProjectOptions, 'folder'>,
): Promise<OpenedProject> {
  const { confSource, baseEnvironment, defaultRunEnvironment, isCertain } = await environmentNames(project);
  const env = asked ?? defaultRunEnvironment;
  const { source } = project;
  const settings = await loadSettings({
    source,
    env,
    baseEnv: baseEnvironment,
    confSource,
    environmentVariables,
    flags,
  });
  return { project, settings, env, confSource, isDefaultEnv: isCertain && env === defaultRunEnvironment };
}
