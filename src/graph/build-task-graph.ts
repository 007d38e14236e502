import type { Group, GroupedPipeline } from './grouping/grouping.js';
import { groupArguments } from './kedro-arguments.js';
import { isDataset, withoutTranscoding } from './node-graph.js';
import { byName, sortedNames } from './order.js';
import { FINISH_ID, slug, START_ID } from './slug.js';
import type { Structure } from './structure.js';
import type { FinishTask, GroupTask, StartTask, TaskGraph } from './task-graph.js';

export interface TaskGraphOptions {
  /** `name@sha256:…`. */
  readonly image: string;
  /** Whether the image tracks its runs. */
  readonly tracked: boolean;
  readonly id: string;
}

/** The tasks of a pipeline that grouping and the graph check found no error in. */
export function buildTaskGraph(grouped: GroupedPipeline, structure: Structure, options: TaskGraphOptions): TaskGraph {
  const groups = grouped.groups.map((group): GroupTask => groupTask(group, grouped, structure, options.tracked));
  const ids = groups.map((group) => group.id).sort(byName);
  return {
    id: options.id,
    pipeline: grouped.pipeline,
    image: options.image,
    tracked: options.tracked,
    tasks: options.tracked ? [startTask(options.image), ...groups, finishTask(ids)] : groups,
    crossings: grouped.crossings.map(({ dataset, from, to }) => ({
      dataset,
      from: slug(from),
      to: to.map(slug).sort(byName),
    })),
  };
}

function groupTask(group: Group, grouped: GroupedPipeline, structure: Structure, tracked: boolean): GroupTask {
  const after = group.dependsOn.map(slug).sort(byName);
  const saves = sortedNames(group.nodes.flatMap((node) => node.outputs.map(withoutTranscoding)));
  const loads = group.nodes.flatMap((node) => node.inputs.filter(isDataset).map(withoutTranscoding));
  return {
    kind: 'group',
    id: slug(group.name),
    arguments: groupArguments(group.selection, grouped.pipeline, structure),
    after: tracked && after.length === 0 ? [START_ID] : after,
    nodes: group.nodes.map((node) => node.name),
    tags: sortedNames(group.nodes.flatMap((node) => node.tags)),
    namespaces: sortedNames(group.nodes.flatMap((node) => node.namespace ?? [])),
    loads: sortedNames(loads.filter((name) => !saves.includes(name))),
    saves,
  };
}

function startTask(image: string): StartTask {
  return { kind: 'start', id: START_ID, arguments: ['start-run', '--param', `image=${image}`], after: [] };
}

/**
 * After each group, not only the last ones: where one fails, those behind it are over at once, while others still run.
 * It fails unless each group has left its mark.
 */
function finishTask(groups: readonly string[]): FinishTask {
  const expected = groups.flatMap((id) => ['--expect', id]);
  return {
    kind: 'finish',
    id: FINISH_ID,
    arguments: ['finish-run', '--status', 'FINISHED', '--fail', ...expected],
    after: groups,
  };
}
