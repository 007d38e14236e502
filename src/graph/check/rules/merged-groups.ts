import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import { STRATEGIES } from '../../grouping/strategies.js';
import { storedEntry } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';
import type { NodeDataset } from '../../node-graph.js';

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
    const confirmed = graph.datasets.filter(({ confirmedBy, loadedBy }) =>
      confirmedBy.some((from) => members.has(from) && loadedBy.some((to) => asked.get(to) !== asked.get(from))),
    );
    const because = [
      ...(between.length === 0 ? [] : [`${namesOf(between)} would be lost between two`]),
      ...(confirmed.length === 0 ? [] : [`one loads ${namesOf(confirmed)} and another confirms it`]),
    ];
    const lines = between.map((dataset) => storedEntry(dataset, request.structure, options.sharedFolders));
    return [
      {
        severity: 'info',
        kind: 'merged-groups',
        message: `${namesInWords(groups)} run in one task, ${name}, because ${because.join(' and ')}`,
        remedy: `to run them apart, ${[...lines, ...confirmed.map(({ name: of }) => `confirm ${of} in the node that loads it`)].join('\n')}`,
      },
    ];
  });
};

function namesOf(datasets: readonly NodeDataset[]): string {
  return namesInWords(datasets.map(({ name }) => name));
}
