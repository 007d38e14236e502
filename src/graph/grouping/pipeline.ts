import type { GroupingStrategy } from './strategy.js';

/** One task, for everything. */
export const pipeline: GroupingStrategy = {
  name: 'pipeline',
  // `__default__` reads `default`.
  groupOf: (_node, request) => request.pipeline.replace(/^_+(.+?)_+$/, '$1'),
  joinsInMemory: true,
  joinsCycles: false,
};
