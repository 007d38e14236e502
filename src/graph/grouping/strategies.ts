import type { GroupingName } from './grouping.js';
import { memory } from './memory.js';
import { namespace } from './namespace.js';
import { none } from './none.js';
import { pipeline } from './pipeline.js';
import type { GroupingStrategy } from './strategy.js';
import { tag } from './tag.js';

export const STRATEGIES: Readonly<Record<GroupingName, GroupingStrategy>> = { memory, namespace, tag, pipeline, none };
