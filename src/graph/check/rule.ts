import type { GroupedPipeline, GroupingRequest } from '../grouping/grouping.js';
import type { NodeDataset, NodeGraph } from '../node-graph.js';
import type { Problem } from '../problem.js';
import type { GroupOrder } from './group-order.js';

/** What the graph check must be told of where the tasks run. */
export interface GraphCheckOptions {
  /** Folders in the container, absolute, that all tasks share. */
  readonly sharedFolders: readonly string[];
  /** The setting that gives the tasks shared storage. */
  readonly storageSetting: string;
  /** Whether readers get the version that their own run wrote: one run at a time, or versions that are handed over. */
  readonly versionsAgree: boolean;
  /** Whether the shared volume can only be mounted on one machine at a time. */
  readonly readWriteOnce: boolean;
  readonly maxTasks: number;
}

export interface GraphContext {
  readonly request: GroupingRequest;
  readonly grouped: GroupedPipeline;
  readonly graph: NodeGraph;
  readonly options: GraphCheckOptions;
  readonly order: GroupOrder;
  /** The name of the group that a node is in. */
  readonly groupOf: (node: string) => string;
  /** Datasets that are saved in one group and loaded in others, by name. */
  readonly crossing: readonly CrossingDataset[];
}

export interface CrossingDataset {
  readonly dataset: NodeDataset;
  /** Names of groups, sorted. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** One thing that can go wrong when groups run in containers of their own; listed in rules.ts. */
export type GraphRule = (context: GraphContext) => readonly Problem[];
