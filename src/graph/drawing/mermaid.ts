import type { GroupedPipeline } from '../grouping/grouping.js';
import { nodeGraph } from '../node-graph.js';
import { namesInWords } from '../problem.js';
import type { Structure } from '../structure.js';
import { drawnText, edgesBetweenGroups, edgesBetweenNodes } from './drawn-edges.js';

/** More than that are no picture; then the groups alone are drawn. */
const MOST_NODES = 80;

/**
 * The grouped pipeline as a Mermaid flowchart: a box for each container with its nodes, datasets on the arrows, dotted
 * where the data stay in memory.
 */
export function drawMermaid(grouped: GroupedPipeline, structure: Structure): string {
  const nodes = grouped.groups.flatMap((group) => group.nodes);
  const withNodes = nodes.length <= MOST_NODES;
  const ids = new Map(
    withNodes
      ? nodes.map((node, index) => [node.name, `n${index}`] as const)
      : grouped.groups.map((group, index) => [group.name, `g${index}`] as const),
  );
  const boxes = grouped.groups.flatMap((group, index) =>
    withNodes
      ? [
          `  subgraph g${index}[${quoted(group.name)}]`,
          ...group.nodes.map((node) => `    ${ids.get(node.name)}[${quoted(node.name)}]`),
          '  end',
        ]
      : [
          `  g${index}[${quoted(`${group.name} (${group.nodes.length} ${group.nodes.length === 1 ? 'node' : 'nodes'})`)}]`,
        ],
  );
  const edges = withNodes ? edgesBetweenNodes(nodeGraph(structure, nodes)) : edgesBetweenGroups(grouped);
  const arrows = edges.map(({ from, to, datasets, inMemory }) => {
    const label = quoted(namesInWords(datasets, 3));
    return `  ${ids.get(from)} ${inMemory ? `-. ${label} .->` : `-- ${label} -->`} ${ids.get(to)}`;
  });
  return ['flowchart TB', ...boxes, ...arrows, ''].join('\n');
}

/** A label as Mermaid reads it back: what means something to it, or to HTML, as a code. */
function quoted(text: string): string {
  const escaped = drawnText(text, 60).replaceAll(/["#&<>`\\;]/g, (character) => `#${character.charCodeAt(0)};`);
  return `"${escaped === '' ? ' ' : escaped}"`;
}
