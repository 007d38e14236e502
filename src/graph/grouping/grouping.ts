import type { PipelineNode, Structure } from '../structure.js';

/** How nodes become tasks: one strategy a file (strategies.ts). Nodes joined by in-memory data stay together in all but `none`. */
export const GROUPINGS = ['memory', 'namespace', 'tag', 'pipeline', 'none'] as const;
export type GroupingName = (typeof GROUPINGS)[number];

export interface GroupingRequest {
  readonly structure: Structure;
  readonly pipeline: string;
  readonly by: GroupingName;
  /** With `tag`: the tags that make groups; other tags of a node do not count. */
  readonly tags: readonly string[];
}

/** The nodes that run in one task. */
export interface Group {
  /** Short, readable, unique in the pipeline and the same in every generation; not yet the name of a task anywhere. */
  readonly name: string;
  /** In an order in which they could run. */
  readonly nodes: readonly PipelineNode[];
  readonly selection: Selection;
  /** Names of groups, sorted. */
  readonly dependsOn: readonly string[];
}

/** What `kedro run` is told: all of the pipeline, whole namespaces, or nodes by name. */
export type Selection =
  | { readonly kind: 'pipeline' }
  | { readonly kind: 'namespaces'; readonly namespaces: readonly string[] }
  | { readonly kind: 'nodes'; readonly nodes: readonly string[] };

/** A dataset that is saved in one group and loaded in others. */
export interface Crossing {
  /** Without transcoding. */
  readonly dataset: string;
  readonly from: string;
  /** Sorted. */
  readonly to: readonly string[];
}

export interface GroupedPipeline {
  readonly pipeline: string;
  /** In an order in which they could run. */
  readonly groups: readonly Group[];
  /** Sorted by dataset. */
  readonly crossings: readonly Crossing[];
}
