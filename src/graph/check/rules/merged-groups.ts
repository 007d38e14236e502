import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import { STRATEGIES } from '../../grouping/strategies.js';
import { storedEntry } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** Groups that were asked for, but run in one task because of data in memory. */
export const mergedGroups: GraphRule = ({ grouped, graph, request, options }) => {
  const asked = new Map(graph.nodes.map((node) => [node.name, STRATEGIES[request.by].groupOf(node, request)]));
  return grouped.groups.flatMap(({ name, nodes }): Problem[] => {
    const groups = sortedNames(nodes.flatMap((node) => asked.get(node.name) ?? []));
    if (groups.length < 2) return [];
    const members = new Set(nodes.map((node) => node.name));
    const between = graph.datasets.filter(
      ({ inMemory, savedBy, loadedBy }) =>
        inMemory &&
        savedBy.some(
          (from) => members.has(from) && loadedBy.some((to) => (asked.get(to) ?? to) !== (asked.get(from) ?? from)),
        ),
    );
    const lines = between.map((dataset) => storedEntry(dataset, request.structure, options.sharedFolders));
    return [
      {
        severity: 'info',
        kind: 'merged-groups',
        message: `${namesInWords(groups)} run in one task, ${name}, because ${namesInWords(between.map((dataset) => dataset.name))} would be lost between two`,
        remedy: `to run them apart, ${lines.join('\n')}`,
      },
    ];
  });
};
