import { namesInWords } from '../../problem.js';
import type { GraphRule } from '../rule.js';

/** A volume for one machine at a time: a second pod, on another machine, waits for it until it times out. */
export const readWriteOnce: GraphRule = ({ options, order }) => {
  const concurrent = options.readWriteOnce ? order.concurrent() : [];
  if (concurrent.length === 0) return [];
  const pairs = concurrent.map(([group, others]) => `${group} with ${namesInWords(others)}`);
  const shown = pairs.length > 4 ? [...pairs.slice(0, 3), `${pairs.length - 3} more`] : pairs;
  return [
    {
      severity: 'warning',
      kind: 'read-write-once',
      message: `the shared volume is ReadWriteOnce, for one machine at a time, but tasks may run at once: ${shown.join('; ')}`,
      remedy:
        'use a storage class with access_modes: [ReadWriteMany], or keep the tasks on one machine with a node selector',
    },
  ];
};
