import { expect } from 'chai';
import { dataset, IN_MEMORY, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

const own = (name: string) => dataset({ localPaths: [`/home/kedro_docker/results/${name}.csv`] });

describe('a result that nobody loads', () => {
  it('is warned of where it stays in a container, once for all', () => {
    const of = structure(['a: raw -> x', 'b: x -> y plot'], { y: own('y'), plot: own('plot') });
    expect(problemsOf(of, 'none')).to.deep.equal([
      {
        severity: 'warning',
        kind: 'lost-output',
        message: 'plot and y are gone when b ends: saved to a file of its own container',
        remedy: 'save to a bucket or to MLflow, or give the tasks shared storage (run_config.volume)',
      },
    ]);
    const two = structure(['a: raw -> x', 'b: raw -> y'], { x: own('x'), y: own('y') });
    expect(problemsOf(two, 'none').map(({ message }) => message)).to.deep.equal([
      'x and y are gone when a and b end: saved to a file of their own container',
    ]);
    const one = structure(['a: raw -> x'], { x: own('x') });
    expect(problemsOf(one, 'none')[0]?.message).to.match(/^x is gone when a ends/);
  });

  const kept = {
    'in a bucket': dataset({ address: 's3://bucket/x' }),
    'on shared storage': dataset({ localPaths: ['/home/kedro_docker/data/x.csv'] }),
    'in MLflow': dataset({
      type: 'kedro_mlflow.io.artifacts.mlflow_artifact_dataset.MlflowCSVDataset',
      localPaths: ['/home/kedro_docker/results/x.csv'],
    }),
    'in memory, where it was never meant to be kept': IN_MEMORY,
  };
  for (const [where, x] of Object.entries(kept))
    it(`is not warned of ${where}`, () => {
      expect(problemsOf(structure(['a: raw -> x'], { x }), 'none')).to.deep.equal([]);
    });

  it('is not one that is loaded under another name', () => {
    const of = structure(['a: raw -> x go', 'b: go alias -> y'], { x: own('x'), alias: own('x') });
    expect(problemsOf(of, 'pipeline')).to.deep.equal([]);
  });

  it('is not one that the same task loads, or that the image brought', () => {
    const of = structure(['a: raw -> x', 'b: x -> y'], { raw: own('raw'), x: own('x') });
    expect(problemsOf(of, 'pipeline')).to.deep.equal([]);
  });
});
