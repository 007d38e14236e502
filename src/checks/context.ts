import type { Settings } from '../config/settings/settings.js';
import type { ProjectModel } from '../project/model.js';

/** What the rules look at: the project, and how kdeploy.yml has it built. */
export interface CheckContext extends ProjectModel {
  readonly settings: Settings;
}
