import { expect } from 'chai';
import { dataset, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('a dataset whose class the image does not have', () => {
  const missing = dataset({ type: 'spark.SparkDataset', importable: false });

  it('is warned of with the tasks that need it, also where it is only loaded', () => {
    const of = structure(['a: raw -> x', 'b: x -> y'], { raw: missing, x: missing });
    expect(problemsOf(of, 'none')).to.deep.equal(
      [
        ['raw', 'a'],
        ['x', 'a and b'],
      ].map(([name, groups]) => ({
        severity: 'warning',
        kind: 'missing-class',
        message: `the image cannot import spark.SparkDataset of the dataset ${name}, so ${groups} would fail`,
        remedy: 'correct the type in the catalog, or require the package that it needs, and build the image again',
      })),
    );
  });

  it('is none of a pipeline that does not use it', () => {
    expect(problemsOf(structure(['a: raw -> x'], { other: missing }), 'none')).to.deep.equal([]);
  });
});
