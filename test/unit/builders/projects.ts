import { DEFAULT_SETTINGS, type Settings } from '../../../src/config/settings/settings.js';
import { projectModel, type ProjectModel, type ProjectModelOptions } from '../../../src/project/model.js';
import type { Project } from '../../../src/project/project.js';
import type { ProjectSource } from '../../../src/project/sources/source.js';
import { memorySource } from '../../support/memory-source.js';

export function projectOf(
  root: string,
  source: ProjectSource = memorySource({}),
  changes: Partial<Project> = {},
): Project {
  return { root, name: 'Flights', packageName: 'flights', sourceFolder: 'src', source, ...changes };
}

export function settings(image: Partial<Settings['image']> = {}, build: Partial<Settings['build']> = {}): Settings {
  return {
    ...DEFAULT_SETTINGS,
    image: { ...DEFAULT_SETTINGS.image, name: 'registry.example.com/app', ...image },
    build: { ...DEFAULT_SETTINGS.build, ...build },
  };
}

export function modelOf(
  project: Project,
  settings: Settings,
  changes: Partial<ProjectModelOptions> = {},
): ProjectModel {
  return projectModel({ project, settings, env: 'local', processEnvironment: {}, ...changes });
}
