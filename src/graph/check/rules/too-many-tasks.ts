import type { GraphRule } from '../rule.js';

/** Each task is a container with seconds of start-up, and a row in the orchestrator's scheduler. */
export const tooManyTasks: GraphRule = ({ grouped, options, request }) =>
  grouped.groups.length <= options.maxTasks
    ? []
    : [
        {
          severity: 'error',
          kind: 'too-many-tasks',
          message: `grouped by ${request.by}, ${grouped.pipeline} becomes ${grouped.groups.length} tasks, more than ${options.maxTasks}`,
          remedy: 'group by namespace, tag or pipeline for fewer tasks, or raise dag.max_tasks',
        },
      ];
