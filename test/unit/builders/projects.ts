import { DEFAULT_SETTINGS, type Settings } from '../../../src/config/settings/settings.js';
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
