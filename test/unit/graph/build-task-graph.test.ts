import { expect } from 'chai';
import { buildTaskGraph } from '../../../src/graph/build-task-graph.js';
import { groupPipeline } from '../../../src/graph/grouping/group-pipeline.js';
import type { GroupingName } from '../../../src/graph/grouping/grouping.js';
import type { Structure } from '../../../src/graph/structure.js';
import type { TaskGraph } from '../../../src/graph/task-graph.js';
import { request, structure } from './sample.js';

const IMAGE = 'registry.example.com/spaceflights@sha256:0123';

function taskGraph(of: Structure, by: GroupingName, tracked = true, pipeline = '__default__'): TaskGraph {
  const { grouped } = groupPipeline(request(of, by, { pipeline }));
  if (grouped === null) throw new Error('no groups');
  return buildTaskGraph(grouped, of, { image: IMAGE, tracked, id: 'flights' });
}

describe('the tasks of a pipeline', () => {
  const of = structure(['x.a: raw -> x.p #t', 'x.b: x.p -> q', 'c: q -> r', 'd: raw -> s']);

  it('begin and end the MLflow run around the groups', () => {
    expect(taskGraph(of, 'namespace').tasks).to.deep.equal([
      { kind: 'start', id: 'start_mlflow_run', arguments: ['start-run', '--param', `image=${IMAGE}`], after: [] },
      {
        kind: 'group',
        id: 'd',
        arguments: ['kedro', 'run', '--nodes', 'd'],
        after: ['start_mlflow_run'],
        nodes: ['d'],
        tags: [],
        namespaces: [],
        loads: ['raw'],
        saves: ['s'],
      },
      {
        kind: 'group',
        id: 'x',
        arguments: ['kedro', 'run', '--namespaces', 'x'],
        after: ['start_mlflow_run'],
        nodes: ['x.a', 'x.b'],
        tags: ['t'],
        namespaces: ['x'],
        loads: ['raw'],
        saves: ['q', 'x.p'],
      },
      {
        kind: 'group',
        id: 'c',
        arguments: ['kedro', 'run', '--nodes', 'c'],
        after: ['x'],
        nodes: ['c'],
        tags: [],
        namespaces: [],
        loads: ['q'],
        saves: ['r'],
      },
      {
        kind: 'finish',
        id: 'finish_mlflow_run',
        arguments: [
          ...['finish-run', '--status', 'FINISHED', '--fail'],
          ...['--expect', 'c', '--expect', 'd', '--expect', 'x'],
        ],
        // Also of x, which others wait for: they are over as soon as something else fails.
        after: ['c', 'd', 'x'],
      },
    ]);
  });

  it('are the groups alone where the image tracks nothing', () => {
    expect(taskGraph(of, 'namespace', false).tasks.map(({ id, after }) => [id, after])).to.deep.equal([
      ['d', []],
      ['x', []],
      ['c', ['x']],
    ]);
  });

  it('never take the name of the first or the last', () => {
    const ids = taskGraph(structure(['start_mlflow_run: a -> b', 'finish-mlflow-run: b -> c']), 'none').tasks.map(
      ({ id }) => id,
    );
    expect(new Set(ids).size).to.equal(4);
    expect(ids).to.include('finish-mlflow-run');
  });

  it('name crossings by tasks', () => {
    expect(taskGraph(structure(['x.a: raw -> p', 'b.c: p -> q']), 'none').crossings).to.deep.equal([
      { dataset: 'p', from: 'x-a', to: ['b-c'] },
    ]);
  });
});
