import type { DagTargetName } from '../../config/settings/dag-settings.js';
import { docker } from './docker.js';
import { kubernetes } from './kubernetes.js';
import type { AirflowTarget } from './target.js';

/** Where tasks can run, by name. */
export const TARGETS: Readonly<Record<DagTargetName, AirflowTarget>> = { kubernetes, docker };
