import type { Task } from '../../graph/task-graph.js';
import { assetsOfTask } from '../assets.js';
import { assignment, call, list, literal, statement, type Expression } from '../python/expression.js';
import { identifiers } from '../python/identifier.js';
import type { AirflowDag } from '../targets/target.js';
import { dependencyLines, type PlannedTasks } from './dependencies.js';
import type { FurtherTask, TargetParts } from './render-file.js';
import { sensor } from './settings.js';

/** The statements that make the tasks and join them. */
export function taskStatements(
  dag: AirflowDag,
  parts: TargetParts,
  taken: readonly string[],
  indent: number,
): string[] {
  const { graph, settings } = dag;
  const used = new Set(graph.tasks.map(({ id }) => id));
  const place = (task: FurtherTask): { readonly id: string; readonly expression: Expression } => {
    let { id } = task;
    for (let number = 2; used.has(id); number += 1) id = `${task.id}_${number}`;
    used.add(id);
    return { id, expression: task.expression(id) };
  };
  const sensors = settings.externalDependencies.map((dependency) =>
    place({
      id: `wait_for_${dependency.dagId}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60),
      expression: (id) => sensor(dependency, id, ['TASK']),
    }),
  );
  const storage = parts.storage.map(place);
  const tasks = graph.tasks.map((task) => ({ id: task.id, expression: taskCall(dag, parts, task) }));
  const verdict = graph.tracked ? [place(VERDICT)] : [];
  const cleanUp = parts.cleanUp === null ? [] : [place(parts.cleanUp)];
  const all = [...sensors, ...storage, ...tasks, ...verdict, ...cleanUp];
  const variables = identifiers(
    all.map(({ id }) => id),
    taken,
  );
  const ids = (entries: readonly { readonly id: string }[]): string[] => entries.map(({ id }) => id);
  const planned: PlannedTasks = {
    graph,
    sensors: ids(sensors),
    storage: ids(storage),
    verdict: verdict[0]?.id ?? null,
    cleanUp: cleanUp[0]?.id ?? null,
  };
  const links = dependencyLines(planned, (id) => variables.get(id) ?? id, indent);
  const statements = all.map(({ id, expression }) => {
    const name = variables.get(id) ?? id;
    const isUsed = links.some((line) => new RegExp(`\\b${name}\\b`).test(line));
    return isUsed ? assignment(name, expression, indent) : statement(expression, indent);
  });
  return [...statements, ...(links.length === 0 ? [] : ['', ...links])];
}

/**
 * Whether all groups succeeded, for the state of the DAG run: finish_mlflow_run stands behind them whatever they did, and
 * Airflow looks at last tasks only. It starts no container and needs no worker.
 */
const VERDICT: FurtherTask = {
  id: 'all_succeeded',
  expression: (id) =>
    call(
      'EmptyOperator',
      [],
      {
        task_id: literal(id),
        doc_md: literal('Fails the DAG run if a task failed. Runs nothing.'),
      },
      ['TASK'],
    ),
};

function taskCall(dag: AirflowDag, parts: TargetParts, task: Task): Expression {
  const { inlets, outlets } = task.kind === 'group' ? assetsOfTask(dag.assets, task) : NO_ASSETS;
  return call(
    task.kind === 'start' ? 'StartTask' : 'KedroTask',
    [],
    {
      task_id: literal(task.id),
      [parts.commandName]: literal([...task.arguments, ...parts.moreArguments(task)]),
      ...parts.options(task),
      inlets: assetList(inlets),
      outlets: assetList(outlets),
      doc_md: taskDocumentation(task),
    },
    ['CONTAINER'],
  );
}

const NO_ASSETS = { inlets: [], outlets: [] };

function assetList(uris: readonly string[]): Expression | undefined {
  return uris.length === 0 ? undefined : list(uris.map((uri) => call('Asset', [literal(uri)])));
}

function taskDocumentation(task: Task): Expression {
  if (task.kind === 'start') return literal('Creates the MLflow run of this DAG run, or finds it.');
  if (task.kind === 'finish') return literal('Ends the MLflow run, and fails if a task failed.');
  const names = task.nodes.map((name) => name.replace(/`/g, "'").replace(/\s+/gu, ' '));
  return call('kedro_nodes', names.map(literal));
}
