import type { DoctorContext } from '../../../src/doctor/probe.js';
import type { ProjectSource } from '../../../src/project/sources/source.js';
import { memorySource } from '../../support/memory-source.js';
import { settingsWith, type SettingsChanges } from '../../support/settings.js';

export interface Surroundings {
  readonly root?: string;
  readonly source?: ProjectSource;
  readonly settings?: SettingsChanges;
  readonly kedro?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

const OWN = { version: '1.2.3', root: '/lib/node_modules/kdeploy' };

/** What a probe looks at inside of a project. */
export function inProject({
  root = '/project',
  source = memorySource({}),
  settings,
  kedro,
  environment = {},
}: Surroundings = {}): DoctorContext {
  const project = { root, name: 'Flights', packageName: 'flights', sourceFolder: 'src', source };
  return { project: { project, settings: settingsWith(settings) }, env: 'local', kedro, environment, own: OWN };
}

export function outsideOfProject(environment: NodeJS.ProcessEnv = {}): DoctorContext {
  return { project: undefined, env: 'local', kedro: undefined, environment, own: OWN };
}
