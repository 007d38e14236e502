import type { NodeGraph } from '../node-graph.js';
import { sortedNames } from '../order.js';
import { hasOption, namespacesOption, type KedroRun } from '../kedro-arguments.js';
import type { PipelineNode } from '../structure.js';
import type { Selection } from './grouping.js';

/**
 * The shortest way to tell Kedro which nodes to run: nothing where it is all of the pipeline, namespaces where exactly
 * theirs are meant, else the nodes.
 */
export function selectionOf(nodes: readonly PipelineNode[], graph: NodeGraph, run: KedroRun): Selection {
  if (nodes.length === graph.nodes.length) return { kind: 'pipeline' };
  if (nodes.length > 1) {
    const tops = sortedNames(nodes.flatMap((node) => node.namespace?.split('.')[0] ?? []));
    const whole = sortedNames(nodes.flatMap((node) => node.namespace ?? []));
    for (const namespaces of [tops, whole.slice(0, 1)])
      if (runsExactly(namespaces, nodes, graph, run)) return { kind: 'namespaces', namespaces };
  }
  return { kind: 'nodes', nodes: nodes.map((node) => node.name) };
}

function runsExactly(
  namespaces: readonly string[],
  nodes: readonly PipelineNode[],
  graph: NodeGraph,
  run: KedroRun,
): boolean {
  // Kedro 0.19 takes one, and everything that starts with it: `features` runs `features_old` as well.
  const option = namespacesOption(run);
  const several = option === '--namespaces';
  if (!hasOption(run, option) || namespaces.length === 0 || (!several && namespaces.length > 1)) return false;
  // The option takes them separated by commas.
  if (namespaces.some((name) => /[,[\]]/.test(name) || name.trim() !== name)) return false;
  const isSelected = ({ namespace }: PipelineNode): boolean =>
    namespace !== null &&
    namespaces.some((name) =>
      several ? namespace === name || namespace.startsWith(`${name}.`) : namespace.startsWith(name),
    );
  return nodes.every(isSelected) && graph.nodes.filter(isSelected).length === nodes.length;
}
