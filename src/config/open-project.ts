import { findProject, type Project } from '../project/project.js';
import type { SettingsFlags } from './flags.js';
import { loadSettings } from './load.js';
import type { Settings } from './settings.js';

export interface OpenProjectOptions {
  /** The project, or a folder in it. */
  readonly folder: string;
  readonly env: string;
  readonly flags?: SettingsFlags;
  readonly environmentVariables: Readonly<Record<string, string | undefined>>;
}

/** A project with its settings: what every command starts from. Throws what `findProject` and `loadSettings` throw. */
export async function openProject(options: OpenProjectOptions): Promise<{ project: Project; settings: Settings }> {
  const project = await findProject(options.folder);
  const { env, flags = {}, environmentVariables } = options;
  const settings = await loadSettings({ source: project.source, env, environmentVariables, flags });
  return { project, settings };
}
