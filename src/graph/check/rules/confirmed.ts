import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import type { GraphRule } from '../rule.js';

/** A process that loaded nothing confirms all that there is by then, also what nobody has loaded. */
export const confirmed: GraphRule = ({ graph, groupOf }) =>
  graph.datasets.flatMap(({ name, confirmedBy, loadedBy }): Problem[] => {
    const by = sortedNames(confirmedBy.map(groupOf));
    const apart = sortedNames(loadedBy.map(groupOf)).filter((group) => by.length > 1 || !by.includes(group));
    if (by.length === 0 || apart.length === 0) return [];
    return [
      {
        severity: 'error',
        kind: 'confirmed',
        message: `${namesInWords(by)} confirms ${name}, which ${namesInWords(apart)} loads in another container: what has come in between would be confirmed as well`,
        remedy: `confirm it in the node that loads it: node(…, confirms=${JSON.stringify(name)}), or group by memory, which keeps these nodes in one task`,
      },
    ];
  });
