import type { GroupingStrategy } from './strategy.js';

/**
 * As many tasks as the data allow: nodes that pass data in memory share one, all others have their own. A node between
 * two nodes of a group, which would have to wait for itself, is taken into it.
 */
export const memory: GroupingStrategy = {
  name: 'memory',
  groupOf: () => null,
  joinsInMemory: true,
  joinsCycles: true,
};
