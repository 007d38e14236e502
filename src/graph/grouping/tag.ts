import { namesInWords, type Problem } from '../problem.js';
import { sortedNames } from '../order.js';
import type { GroupingStrategy } from './strategy.js';

/** A task for each of the given tags; other tags do not count, and nodes without one have their own task. */
export const tag: GroupingStrategy = {
  name: 'tag',
  groupOf: (node, { tags }) => sortedNames(node.tags).find((name) => tags.includes(name)) ?? null,
  joinsInMemory: true,
  joinsCycles: false,
  advice: (groups, loose) =>
    loose.length > 0
      ? `tag ${namesInWords(loose)} with ${groups[0] ?? ''} as well, or use two tags in place of ${groups[0] ?? ''}`
      : `use two tags in place of one of these, so that the data go one way`,
  problems(request, graph) {
    const used = sortedNames(graph.nodes.flatMap((node) => node.tags));
    if (request.tags.length === 0)
      return [
        {
          severity: 'error',
          kind: 'group-tags',
          message: 'grouping by tag needs the tags that make groups',
          remedy:
            used.length === 0
              ? 'no node of the pipeline has a tag: group by memory or namespace instead'
              : `name some of the pipeline's tags: ${namesInWords(used, 12)}`,
        },
      ];

    const all = new Set(
      Object.values(request.structure.pipelines).flatMap((nodes) => nodes.flatMap((node) => node.tags)),
    );
    const unknown = sortedNames(request.tags).filter((name) => !all.has(name));
    return [
      ...unknown.map((name): Problem => ({
        severity: 'warning',
        kind: 'group-tags',
        message: `no node has the tag ${name}`,
        remedy: used.length === 0 ? 'leave it out' : `leave it out, or use one of: ${namesInWords(used, 12)}`,
      })),
      ...graph.nodes.flatMap((node): Problem[] => {
        const tags = sortedNames(node.tags).filter((name) => request.tags.includes(name));
        if (tags.length < 2) return [];
        return [
          {
            severity: 'error',
            kind: 'two-group-tags',
            message: `the node ${node.name} has ${tags.length} of the tags that make groups: ${namesInWords(tags, 12)}; a node runs once`,
            remedy: `leave one of these tags on ${node.name}`,
          },
        ];
      }),
    ];
  },
};
