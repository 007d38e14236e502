import type { AirflowDag } from '../targets/target.js';
import { call, list, statement, type Expression } from '../python/expression.js';
import type { TargetParts } from './render-file.js';

/** `a >> [b, c]`: which task runs after which, in the order of the tasks; teardowns last. */
export function dependencyLines(
  dag: AirflowDag,
  sensors: readonly string[],
  parts: TargetParts,
  nameOf: (id: string) => string,
  indent: number,
): string[] {
  const { tasks } = dag.graph;
  const before = [...sensors];
  const [start, finish] = [tasks.find(({ kind }) => kind === 'start'), tasks.find(({ kind }) => kind === 'finish')];
  const groups = tasks.filter(({ kind }) => kind === 'group');
  const edges: [readonly string[], string][] = [];
  let last: readonly string[] = before;
  for (const { id } of parts.storage) {
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
  const [setup] = parts.storage;
  const teardown = (id: string, setups: string, more = {}): string[] => [
    shift(names(leaves), nameOf(id), indent),
    statement(call(`${nameOf(id)}.as_teardown`, [], { setups: nameOf(setups), ...more }), indent),
  ];
  return [
    ...joined(edges).map(([from, to]) => shift(names(from), names(to), indent)),
    ...(start === undefined || finish === undefined
      ? []
      : teardown(finish.id, start.id, { on_failure_fail_dagrun: 'True' })),
    ...(parts.cleanUp === null || setup === undefined ? [] : teardown(parts.cleanUp.id, setup.id)),
  ];
}

/** Ruff breaks the list, whichever side it is on. */
function shift(from: Expression, to: Expression, indent: number): string {
  if (typeof from === 'string') return statement(to, indent, `${from} >> `);
  return statement(from, indent, '', ` >> ${typeof to === 'string' ? to : ''}`);
}

/** Tasks that run after the same one, on one line. */
function joined(edges: readonly [readonly string[], string][]): [readonly string[], readonly string[]][] {
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
