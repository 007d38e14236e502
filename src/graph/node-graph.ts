import { dependencyOrder, sortedNames } from './order.js';
import type { Dataset, PipelineNode, Structure } from './structure.js';

/** One pipeline's nodes with what lies between them: datasets by the name that they have without transcoding. */
export interface NodeGraph {
  /** In an order in which they could run, the same for any order of the input. */
  readonly nodes: readonly PipelineNode[];
  /** By name, sorted: what is saved or loaded in this pipeline. */
  readonly datasets: readonly NodeDataset[];
  /** Names of nodes, by the name of the node that needs them. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A dataset in one pipeline; `x@pandas` and `x@spark` are one. */
export interface NodeDataset {
  readonly name: string;
  /** As the nodes spell it, sorted: `x@pandas`. */
  readonly spellings: readonly string[];
  /** Names of nodes, in the order of the nodes. Kedro allows one. */
  readonly savedBy: readonly string[];
  readonly loadedBy: readonly string[];
  /** What a node confirms is what its own process loaded, so these and those that load it share one. */
  readonly confirmedBy: readonly string[];
  /** What the image says of each spelling that it knows, in their order. */
  readonly definitions: readonly Dataset[];
  /** Whether its data are lost with the process that saved them: one spelling is, or is in no catalog. */
  readonly inMemory: boolean;
}

/** Reads the edges off the nodes' inputs and outputs. */
export function nodeGraph(structure: Structure, nodes: readonly PipelineNode[]): NodeGraph {
  const uses = new Map<string, Record<'spellings' | 'savedBy' | 'loadedBy' | 'confirmedBy', Set<string>>>();
  const useOf = (spelling: string) => {
    const name = withoutTranscoding(spelling);
    const use = uses.get(name) ?? {
      spellings: new Set(),
      savedBy: new Set(),
      loadedBy: new Set(),
      confirmedBy: new Set(),
    };
    uses.set(name, use);
    use.spellings.add(spelling);
    return use;
  };
  for (const node of nodes) {
    for (const spelling of node.outputs.filter(isDataset)) useOf(spelling).savedBy.add(node.name);
    for (const spelling of node.inputs.filter(isDataset)) useOf(spelling).loadedBy.add(node.name);
  }
  for (const node of nodes)
    for (const spelling of node.confirms) uses.get(withoutTranscoding(spelling))?.confirmedBy.add(node.name);

  const dependencies = new Map(nodes.map((node) => [node.name, new Set<string>()]));
  for (const { savedBy, loadedBy } of uses.values())
    for (const from of savedBy) for (const to of loadedBy) if (from !== to) dependencies.get(to)?.add(from);

  const order = dependencyOrder(dependencies);
  const position = new Map(order.map((name, index) => [name, index]));
  const placed = (name: string): number => position.get(name) ?? 0;
  const inOrder = (names: Iterable<string>): readonly string[] => [...names].sort((a, b) => placed(a) - placed(b));
  return {
    nodes: nodes.toSorted((a, b) => placed(a.name) - placed(b.name)),
    dependencies,
    datasets: sortedNames(uses.keys()).map((name) => {
      const use = uses.get(name);
      const spellings = sortedNames(use?.spellings ?? []);
      const known = spellings.filter((spelling) => Object.hasOwn(structure.datasets, spelling));
      const definitions = known.flatMap((spelling) => structure.datasets[spelling] ?? []);
      return {
        name,
        spellings,
        savedBy: inOrder(use?.savedBy ?? []),
        loadedBy: inOrder(use?.loadedBy ?? []),
        confirmedBy: inOrder(use?.confirmedBy ?? []),
        definitions,
        inMemory: known.length < spellings.length || definitions.some(({ ephemeral }) => ephemeral),
      };
    }),
  };
}

/** Parameters are given to each task anew. */
export function isDataset(name: string): boolean {
  return name !== 'parameters' && !name.startsWith('params:');
}

export function withoutTranscoding(name: string): string {
  const at = name.indexOf('@');
  return at === -1 ? name : name.slice(0, at);
}
