import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import type { GraphRule } from '../rule.js';

/** A warning only: a class may need what is on the machines that run the tasks, such as a GPU's libraries. */
export const missingClass: GraphRule = ({ graph, groupOf }) =>
  graph.datasets.flatMap(({ name, savedBy, loadedBy, definitions }): Problem[] => {
    const types = sortedNames(definitions.filter(({ importable }) => !importable).map(({ type }) => type));
    if (types.length === 0) return [];
    const groups = sortedNames([...savedBy, ...loadedBy].map(groupOf));
    return [
      {
        severity: 'warning',
        kind: 'missing-class',
        message: `the image cannot import ${namesInWords(types)} of the dataset ${name}, so ${namesInWords(groups)} would fail`,
        remedy: 'correct the type in the catalog, or require the package that it needs, and build the image again',
      },
    ];
  });
