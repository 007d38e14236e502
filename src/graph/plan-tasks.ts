import { buildTaskGraph, type TaskGraphOptions } from './build-task-graph.js';
import { checkGraph } from './check/check-graph.js';
import type { GraphCheckOptions } from './check/rule.js';
import { groupPipeline } from './grouping/group-pipeline.js';
import type { GroupedPipeline, GroupingRequest } from './grouping/grouping.js';
import type { Problem } from './problem.js';
import type { TaskGraph } from './task-graph.js';

export interface TaskPlan {
  /** `null`: an error is among the problems. */
  readonly graph: TaskGraph | null;
  /** `null`: there is no such pipeline. Also with errors, for a drawing of them. */
  readonly grouped: GroupedPipeline | null;
  /** Errors first. */
  readonly problems: readonly Problem[];
}

const RANK = { error: 0, warning: 1, info: 2 };

/** Groups, checks and tasks in one call, with everything that is wrong. */
export function planTasks(request: GroupingRequest, check: GraphCheckOptions, options: TaskGraphOptions): TaskPlan {
  const { grouped, problems } = groupPipeline(request);
  const found = grouped === null ? problems : [...problems, ...checkGraph(grouped, request, check)];
  const sorted = found.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
  const usable = grouped !== null && sorted[0]?.severity !== 'error';
  return { graph: usable ? buildTaskGraph(grouped, request.structure, options) : null, grouped, problems: sorted };
}
