import type { GroupedPipeline, GroupingRequest } from '../grouping/grouping.js';
import { nodeGraph } from '../node-graph.js';
import { sortedNames } from '../order.js';
import type { Problem } from '../problem.js';
import { GroupOrder } from './group-order.js';
import type { CrossingDataset, GraphCheckOptions, GraphContext } from './rule.js';
import { GRAPH_RULES } from './rules.js';

/** What would go wrong when each group runs in a container of its own: all of it, in the order of the rules. */
export function checkGraph(
  grouped: GroupedPipeline,
  request: GroupingRequest,
  options: GraphCheckOptions,
): readonly Problem[] {
  const graph = nodeGraph(request.structure, request.structure.pipelines[request.pipeline] ?? []);
  const groups = new Map(grouped.groups.flatMap(({ name, nodes }) => nodes.map((node) => [node.name, name] as const)));
  const groupOf = (node: string): string => groups.get(node) ?? node;
  const crossing = graph.datasets.flatMap((dataset): CrossingDataset[] => {
    const from = sortedNames(dataset.savedBy.map(groupOf));
    const to = sortedNames(dataset.loadedBy.map(groupOf)).filter((group) => !from.includes(group));
    return from.length === 0 || to.length === 0 ? [] : [{ dataset, from, to }];
  });
  const order = new GroupOrder(grouped.groups);
  const context: GraphContext = { request, grouped, graph, options, order, groupOf, crossing };
  return GRAPH_RULES.flatMap((rule) => rule(context));
}
