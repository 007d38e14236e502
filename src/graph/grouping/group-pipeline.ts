import { nodeGraph, type NodeGraph } from '../node-graph.js';
import { dependencyOrder, sortedNames } from '../order.js';
import type { Problem } from '../problem.js';
import type { PipelineNode } from '../structure.js';
import { cycleProblem } from './cycle-problem.js';
import { cycles } from './cycles.js';
import { DisjointSets } from './disjoint-sets.js';
import type { Crossing, Group, GroupedPipeline, GroupingRequest } from './grouping.js';
import { spanLabel, uniqueNames, type WantedName } from './names.js';
import { pipelineProblems } from './pipeline-problems.js';
import { selectionOf } from './selection.js';
import { STRATEGIES } from './strategies.js';

/** The groups, and what is wrong with them. Without a pipeline there are none; with an error, they cannot run. */
export interface Grouping {
  readonly grouped: GroupedPipeline | null;
  readonly problems: readonly Problem[];
}

/** Turns the nodes of a pipeline into the groups that run in one task each. The order of the input does not count. */
export function groupPipeline(request: GroupingRequest): Grouping {
  const { structure, pipeline } = request;
  const wrong = pipelineProblems(structure, pipeline);
  if (wrong.length > 0) return { grouped: null, problems: wrong };

  const strategy = STRATEGIES[request.by];
  const graph = nodeGraph(structure, structure.pipelines[pipeline] ?? []);
  const sets = new DisjointSets(graph.nodes.map((node) => node.name));
  joinAsAsked(sets, graph, request);
  if (strategy.joinsCycles)
    for (const cycle of cycles(dependenciesOf(sets, graph)))
      for (const other of cycle.slice(1)) sets.join(cycle[0] ?? other, other);

  const { groups, groupOf } = namedGroups(sets, graph, request);
  const grouped = { pipeline, groups, crossings: crossingsOf(graph, groupOf) };
  const found = cycles(new Map(groups.map((group) => [group.name, new Set(group.dependsOn)])));
  return {
    grouped,
    problems: [
      ...(strategy.problems?.(request, graph) ?? []),
      ...found.map((cycle) => cycleProblem(cycle, grouped, request)),
    ],
  };
}

function joinAsAsked(sets: DisjointSets, graph: NodeGraph, request: GroupingRequest): void {
  const strategy = STRATEGIES[request.by];
  const firstOf = new Map<string, string>();
  for (const node of graph.nodes) {
    const group = strategy.groupOf(node, request);
    if (group === null) continue;
    sets.join(firstOf.get(group) ?? node.name, node.name);
    firstOf.set(group, firstOf.get(group) ?? node.name);
  }
  if (!strategy.joinsInMemory) return;
  for (const { inMemory, savedBy, loadedBy, confirmedBy } of graph.datasets) {
    if (inMemory) for (const from of savedBy) for (const to of loadedBy) sets.join(from, to);
    for (const from of confirmedBy) for (const to of loadedBy) sets.join(from, to);
  }
}

/** What each set needs of the others, by the root of the set. */
function dependenciesOf(sets: DisjointSets, graph: NodeGraph): Map<string, Set<string>> {
  const dependencies = new Map(graph.nodes.map((node) => [sets.rootOf(node.name), new Set<string>()]));
  for (const [node, needed] of graph.dependencies)
    for (const other of needed) {
      const [to, from] = [sets.rootOf(node), sets.rootOf(other)];
      if (to !== from) dependencies.get(to)?.add(from);
    }
  return dependencies;
}

function namedGroups(
  sets: DisjointSets,
  graph: NodeGraph,
  request: GroupingRequest,
): { groups: readonly Group[]; groupOf: (node: string) => string } {
  const members = new Map<string, PipelineNode[]>();
  for (const node of graph.nodes) {
    const root = sets.rootOf(node.name);
    members.set(root, [...(members.get(root) ?? []), node]);
  }
  const roots = [...members.keys()];
  const names = uniqueNames(roots.map((root) => wantedName(members.get(root) ?? [], request)));
  const nameOf = new Map(roots.map((root, index) => [root, names[index] ?? root]));
  const named = (root: string): string => nameOf.get(root) ?? root;

  const dependencies = dependenciesOf(sets, graph);
  const dependsOn = new Map(
    roots.map((root) => [named(root), new Set([...(dependencies.get(root) ?? [])].map(named))] as const),
  );
  const nodesOf = new Map(roots.map((root) => [named(root), members.get(root) ?? []]));
  const groups = dependencyOrder(dependsOn).map((name): Group => {
    const nodes = nodesOf.get(name) ?? [];
    return {
      name,
      nodes,
      selection: selectionOf(nodes, graph, request.structure),
      dependsOn: sortedNames(dependsOn.get(name) ?? []),
    };
  });
  return { groups, groupOf: (node) => named(sets.rootOf(node)) };
}

/** `x`; `x-and-y` where data in memory join two groups that were asked for; else after its nodes. */
function wantedName(nodes: readonly PipelineNode[], request: GroupingRequest): WantedName {
  const asked = sortedNames(nodes.flatMap((node) => STRATEGIES[request.by].groupOf(node, request) ?? []));
  const label = asked.length > 0 ? asked.join('-and-') : spanLabel(nodes);
  const identity = asked.length > 0 ? asked : [nodes[0]?.name, nodes.at(-1)?.name];
  return { label, identity: JSON.stringify([asked.length > 0 ? request.by : 'nodes', ...identity]) };
}

function crossingsOf(graph: NodeGraph, groupOf: (node: string) => string): readonly Crossing[] {
  return graph.datasets.flatMap(({ name, savedBy, loadedBy }) =>
    sortedNames(savedBy.map(groupOf)).flatMap((from) => {
      const to = sortedNames(loadedBy.map(groupOf)).filter((group) => group !== from);
      return to.length === 0 ? [] : [{ dataset: name, from, to }];
    }),
  );
}
