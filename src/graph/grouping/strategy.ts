import type { NodeGraph } from '../node-graph.js';
import type { Problem } from '../problem.js';
import type { PipelineNode } from '../structure.js';
import type { GroupingName, GroupingRequest } from './grouping.js';

/** One way to turn nodes into tasks; listed in strategies.ts. */
export interface GroupingStrategy {
  readonly name: GroupingName;
  /** The name of the group that the node is put in; `null`: one of its own. */
  groupOf(node: PipelineNode, request: GroupingRequest): string | null;
  /** Whether nodes joined by in-memory data share a task even if `groupOf` puts them apart. */
  readonly joinsInMemory: boolean;
  /** Whether groups that would wait for each other become one; otherwise they are refused. */
  readonly joinsCycles: boolean;
  /** What is wrong with the request itself. */
  problems?(request: GroupingRequest, graph: NodeGraph): readonly Problem[];
  /** How to get rid of a cycle: names of groups on it, of those of single nodes that no group was asked for first. */
  readonly advice?: (groups: readonly string[], loose: readonly string[]) => string;
}
