import type { GroupingStrategy } from './strategy.js';

/** A task for each node. Data in memory between them are refused by the graph check. */
export const none: GroupingStrategy = {
  name: 'none',
  groupOf: () => null,
  joinsInMemory: false,
  joinsCycles: false,
};
