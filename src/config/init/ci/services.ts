import { cloudBuild } from './cloud-build.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import type { CiService } from './service.js';
import type { CiServiceName } from './service-names.js';

/** Adding one is adding a file, a line here and in service-names.ts, and a template. */
export const CI_SERVICES: Readonly<Record<CiServiceName, CiService>> = { github, gitlab, cloudbuild: cloudBuild };
