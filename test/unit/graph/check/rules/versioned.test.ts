import { expect } from 'chai';
import { dataset, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

describe('a versioned dataset that another task loads', () => {
  const of = structure(['a: raw -> x', 'b: x -> y', 'c: x -> z'], {
    x: dataset({ versioned: true, address: 's3://bucket/x.csv' }),
    y: dataset({ versioned: true }),
  });

  it('is refused while two runs may be at work at once', () => {
    expect(problemsOf(of, 'none')).to.deep.equal([
      {
        severity: 'error',
        kind: 'versioned',
        message: "x is versioned and saved by a: b and c would load the latest version, which may be another run's",
        remedy: 'let one run go at a time (max_active_runs: 1), or change the entry x in the catalog: versioned: false',
      },
    ]);
  });

  it('is fine where versions agree, and within one task', () => {
    expect(problemsOf(of, 'none', { versionsAgree: true })).to.deep.equal([]);
    expect(problemsOf(of, 'pipeline')).to.deep.equal([]);
  });
});
