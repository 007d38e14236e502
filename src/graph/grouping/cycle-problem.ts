import { withoutTranscoding } from '../node-graph.js';
import type { Problem } from '../problem.js';
import { shortestCycle } from './cycles.js';
import type { Group, GroupedPipeline, GroupingRequest } from './grouping.js';
import { STRATEGIES } from './strategies.js';

/** Groups that wait for each other, as the way of the data from one of them back to it: `x -> mid -> x`. */
export function cycleProblem(cycle: readonly string[], grouped: GroupedPipeline, request: GroupingRequest): Problem {
  const groups = new Map(grouped.groups.map((group) => [group.name, group]));
  const strategy = STRATEGIES[request.by];
  const isLoose = (name: string): boolean =>
    groups.get(name)?.nodes.every((node) => strategy.groupOf(node, request) === null) === true;
  const start = cycle.find((name) => !isLoose(name)) ?? cycle[0] ?? '';
  const within = new Set(cycle);
  const path = shortestCycle(
    start,
    new Map(cycle.map((name) => [name, new Set(groups.get(name)?.dependsOn.filter((other) => within.has(other)))])),
  );
  const steps = path.slice(1).map((name, index) => stepBetween(groups.get(path[index] ?? ''), groups.get(name)));
  const shown = steps.length > 4 ? [...steps.slice(0, 3), `and ${steps.length - 3} more`] : steps;
  const loose = path.filter(isLoose);
  return {
    severity: 'error',
    kind: 'cycle',
    message: `grouped by ${request.by}, ${start} would wait for itself: ${path.join(' -> ')} (${shown.join('; ')})`,
    remedy:
      strategy.advice?.([start, ...path.filter((name) => name !== start && !isLoose(name))], loose) ??
      'the pipeline itself goes in a circle',
  };
}

/** `x.a saves raw, which mid loads`. */
function stepBetween(from: Group | undefined, to: Group | undefined): string {
  for (const saver of from?.nodes ?? [])
    for (const output of saver.outputs)
      for (const loader of to?.nodes ?? [])
        if (loader.inputs.some((input) => withoutTranscoding(input) === withoutTranscoding(output)))
          return `${saver.name} saves ${withoutTranscoding(output)}, which ${loader.name} loads`;
  return '';
}
