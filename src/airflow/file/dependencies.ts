import type { TaskGraph } from '../../graph/task-graph.js';
import { call, list, statement, type Expression } from '../python/expression.js';

/** The tasks of a file, by id. */
export interface PlannedTasks {
  readonly graph: TaskGraph;
  /** Run first. */
  readonly sensors: readonly string[];
  /** Make shared storage, in order; the first is a setup. */
  readonly storage: readonly string[];
  /** Runs if all groups succeeded. */
  readonly verdict: string | null;
  /** Removes shared storage. */
  readonly cleanUp: string | null;
}

/** `a >> [b, c]`: which task runs after which, in the order of the tasks; teardowns last. */
export function dependencyLines(planned: PlannedTasks, nameOf: (id: string) => string, indent: number): string[] {
  const { tasks } = planned.graph;
  const [start, finish] = [tasks.find(({ kind }) => kind === 'start'), tasks.find(({ kind }) => kind === 'finish')];
  const groups = tasks.filter(({ kind }) => kind === 'group');
  const edges: [readonly string[], string][] = [];
  let last = planned.sensors;
  for (const id of planned.storage) {
    if (last.length > 0) edges.push([last, id]);
    last = [id];
  }
  if (start !== undefined && last.length > 0) edges.push([last, start.id]);
  for (const { id, after } of groups) {
    const needs = after.length > 0 ? after : last;
    if (needs.length > 0) edges.push([needs, id]);
  }
  const needed = new Set(groups.flatMap(({ after }) => after));
  const leaves = groups.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
  const names = (ids: readonly string[]): Expression => {
    const [first, ...more] = ids.map(nameOf);
    return first !== undefined && more.length === 0 ? first : list(ids.map(nameOf));
  };
  const [setup] = planned.storage;
  const teardown = (id: string, after: readonly string[], setups: string, more = {}): string[] => [
    shift(names(after), nameOf(id), indent),
    statement(call(`${nameOf(id)}.as_teardown`, [], { setups: nameOf(setups), ...more }), indent),
  ];
  return [
    ...joined([...edges, ...(planned.verdict === null ? [] : [[leaves, planned.verdict] as const])]).map(([from, to]) =>
      shift(names(from), names(to), indent),
    ),
    ...(start === undefined || finish === undefined
      ? []
      : teardown(finish.id, leaves, start.id, { on_failure_fail_dagrun: 'True' })),
    // Not beside the task that ends the MLflow run: its pod has the storage as well, and would wait for it in vain.
    ...(planned.cleanUp === null || setup === undefined
      ? []
      : teardown(planned.cleanUp, finish === undefined ? leaves : [finish.id], setup)),
  ];
}

/** Ruff breaks the list, whichever side it is on. */
function shift(from: Expression, to: Expression, indent: number): string {
  if (typeof from === 'string') return statement(to, indent, `${from} >> `);
  return statement(from, indent, '', ` >> ${typeof to === 'string' ? to : ''}`);
}

/** Tasks that run after the same one, on one line. */
function joined(edges: readonly (readonly [readonly string[], string])[]): [readonly string[], readonly string[]][] {
  const found = new Map<string, [readonly string[], string[]]>();
  for (const [from, to] of edges) {
    // Python cannot join two lists by `>>`.
    const key = from.length === 1 ? JSON.stringify(from) : JSON.stringify([from, to]);
    const known = found.get(key);
    if (known === undefined) found.set(key, [from, [to]]);
    else known[1].push(to);
  }
  return [...found.values()];
}
