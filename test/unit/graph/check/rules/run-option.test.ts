import { expect } from 'chai';
import { structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe("a project's own kedro run", () => {
  const of = (...runOptions: string[]) => structure(['a: raw -> x', 'b: x -> y'], {}, { runOptions });

  it('is refused where it lacks an option that the tasks need', () => {
    expect(problemsOf(of('--env'), 'none')).to.deep.equal([
      {
        severity: 'error',
        kind: 'run-option',
        message: 'the project has a `kedro run` of its own, without --nodes, so tasks cannot say what they run',
        remedy: "add the option to `run` in src/spaceflights/cli.py, as Kedro's own has, and build the image again",
      },
    ]);
  });

  it('is refused without an option for the pipeline', () => {
    const { pipelines, ...rest } = of('--nodes');
    const named = { ...rest, pipelines: { ds: pipelines.__default__ ?? [] } };
    const found = problemsOf(named, 'none', {}, { pipeline: 'ds' });
    expect(found.map(({ message }) => message)).to.deep.equal([
      'the project has a `kedro run` of its own, without --pipeline, so tasks cannot say what they run',
    ]);
  });

  it('needs no options for all of the default pipeline, and those only that tasks use', () => {
    expect(problemsOf(of(), 'pipeline')).to.deep.equal([]);
    expect(problemsOf(of('--nodes'), 'none')).to.deep.equal([]);
  });
});
