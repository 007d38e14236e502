import { expect } from 'chai';
import type { GroupingName } from '../../../src/graph/grouping/grouping.js';
import { planTasks } from '../../../src/graph/plan-tasks.js';
import type { Structure } from '../../../src/graph/structure.js';
import { dataset, IN_MEMORY, request, structure } from './sample.js';

function plan(of: Structure, by: GroupingName, pipeline = '__default__') {
  const check = {
    sharedFolders: [],
    storageSetting: 'run_config.volume',
    versionsAgree: false,
    readWriteOnce: true,
    maxTasks: 2,
  };
  return planTasks(request(of, by, { pipeline }), check, { image: 'x@sha256:0', tracked: true, id: 'x' });
}

describe('the plan of a pipeline', () => {
  it('has tasks where nothing is an error', () => {
    const { graph, problems } = plan(structure(['a: raw -> x', 'b: raw -> y']), 'memory');
    expect(graph?.tasks.map(({ id }) => id)).to.deep.equal(['start_mlflow_run', 'a', 'b', 'finish_mlflow_run']);
    expect(problems.map(({ severity }) => severity)).to.deep.equal(['warning']);
  });

  it('reports all that is wrong at once, errors first, and has no tasks then', () => {
    const of = structure(['x.a: raw -> p m', 'mid: p -> q', 'x.b: q m -> r', 'c: r -> s', 'd: s -> t', 'e: r -> u'], {
      m: IN_MEMORY,
      p: dataset({ localPaths: ['/tmp/p'] }),
      r: dataset({ versioned: true }),
    });
    const { graph, grouped, problems } = plan(of, 'namespace');
    expect(graph).to.equal(null);
    expect(grouped?.groups).to.have.lengthOf(5);
    expect(problems.map(({ kind }) => kind)).to.deep.equal([
      'cycle',
      'local-path',
      'versioned',
      'too-many-tasks',
      'read-write-once',
    ]);
  });

  it('is nothing for a pipeline that there is not', () => {
    const { graph, grouped, problems } = plan(structure(['a: raw -> x']), 'memory', 'b');
    expect([graph, grouped, problems.length]).to.deep.equal([null, null, 1]);
  });
});
