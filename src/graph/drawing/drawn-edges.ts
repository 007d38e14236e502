import type { GroupedPipeline } from '../grouping/grouping.js';
import type { NodeGraph } from '../node-graph.js';

/** Data that go from one node to another. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  /** Names of datasets, sorted. */
  readonly datasets: readonly string[];
  readonly inMemory: boolean;
}

/** One edge for each two nodes, in the order of the nodes that save. */
export function edgesBetweenNodes(graph: NodeGraph): readonly DrawnEdge[] {
  const edges = new Map<string, { from: string; to: string; datasets: string[]; inMemory: boolean }>();
  const add = (from: string, to: string, dataset: string, inMemory: boolean): void => {
    const key = JSON.stringify([from, to]);
    const edge = edges.get(key) ?? { from, to, datasets: [], inMemory: false };
    edges.set(key, edge);
    edge.datasets.push(dataset);
    edge.inMemory ||= inMemory;
  };
  const savers = new Map<string, { name: string; loadedBy: readonly string[]; inMemory: boolean }[]>();
  for (const { name, savedBy, loadedBy, inMemory } of graph.datasets)
    for (const from of savedBy) savers.set(from, [...(savers.get(from) ?? []), { name, loadedBy, inMemory }]);
  for (const node of graph.nodes)
    for (const { name, loadedBy, inMemory } of savers.get(node.name) ?? [])
      for (const to of loadedBy) if (to !== node.name) add(node.name, to, name, inMemory);
  return [...edges.values()];
}

/** The same between groups, where the nodes are too many to draw. */
export function edgesBetweenGroups({ crossings }: GroupedPipeline): readonly DrawnEdge[] {
  const edges = new Map<string, { from: string; to: string; datasets: string[]; inMemory: boolean }>();
  for (const { dataset, from, to: readers } of crossings)
    for (const to of readers) {
      const key = JSON.stringify([from, to]);
      const edge = edges.get(key) ?? { from, to, datasets: [], inMemory: false };
      edges.set(key, edge);
      edge.datasets.push(dataset);
    }
  return [...edges.values()];
}

/** Without line breaks and what a terminal or a parser would take for more than text; cut where it is long. */
export function drawnText(text: string, most: number): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u{FFFE}\u{FFFF}]+/gu, ' ').trim();
  const letters = Array.from(clean);
  return letters.length <= most ? clean : `${letters.slice(0, most - 1).join('')}…`;
}
