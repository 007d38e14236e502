import { cloudBuild } from './cloud-build.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import type { Platform } from './platform.js';
import type { PlatformName } from './platform-names.js';

/** Adding one is adding a file, a line here and in platform-names.ts, and a template. */
export const PLATFORMS: Readonly<Record<PlatformName, Platform>> = { github, gitlab, cloudbuild: cloudBuild };
