import { expect } from 'chai';
import { pipelineProblems } from '../../../../src/graph/grouping/pipeline-problems.js';
import { structure } from '../sample.js';

describe('a pipeline', () => {
  const of = structure(['a: x -> y']);
  const several = {
    ...of,
    pipelines: {
      ...of.pipelines,
      data_science: of.pipelines.__default__ ?? [],
      reporting: [],
      etl: of.pipelines.__default__ ?? [],
    },
  };

  it('that the image has may be deployed', () => {
    expect(pipelineProblems(several, 'data_science')).to.deep.equal([]);
  });

  it('without nodes is refused, with those that have some', () => {
    expect(pipelineProblems(several, 'reporting')).to.deep.equal([
      {
        severity: 'error',
        kind: 'empty-pipeline',
        message: 'the pipeline reporting has no nodes',
        remedy:
          'add nodes to it and build the image again, or name another pipeline: the image has __default__, data_science and etl',
      },
    ]);
  });

  for (const [name, meant] of [
    ['data-science', 'did you mean data_science? '],
    ['DataScience', 'did you mean data_science? '],
    ['data_sciense', 'did you mean data_science? '],
    ['data_scence', 'did you mean data_science? '],
    ['data_sicence', 'did you mean data_science? '],
    ['etll', 'did you mean etl? '],
    ['lte', ''],
    ['training', ''],
    ['constructor', ''],
    ['__proto__', ''],
  ] as const)
    it(`called ${name} is refused, with those that there are`, () => {
      expect(pipelineProblems(several, name)).to.deep.equal([
        {
          severity: 'error',
          kind: 'unknown-pipeline',
          message: `the image has no pipeline ${name}`,
          remedy: `${meant}the image has __default__, data_science and etl`,
        },
      ]);
    });
});
