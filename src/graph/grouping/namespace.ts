import { namesInWords } from '../problem.js';
import type { GroupingStrategy } from './strategy.js';

/** A task for each top-level namespace; nodes outside of any have their own. */
export const namespace: GroupingStrategy = {
  name: 'namespace',
  groupOf: (node) => node.namespace?.split('.')[0] ?? null,
  joinsInMemory: true,
  joinsCycles: false,
  advice: (groups, loose) =>
    loose.length > 0
      ? `put ${namesInWords(loose)} into the namespace ${groups[0] ?? ''}, or split that namespace in two`
      : `split one of the namespaces in two, so that the data go one way`,
};
