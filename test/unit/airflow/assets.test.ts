import { expect } from 'chai';
import { assetProblems, assetsOf, assetsOfTask } from '../../../src/airflow/assets.js';
import type { Dataset } from '../../../src/graph/structure.js';
import { dataset, structure } from '../graph/sample.js';

const elsewhere = dataset({ address: 's3://bucket/x', asset: true });

describe('the assets of a pipeline', () => {
  it('are the datasets that want to be one, by their own address or by a URI, whatever their transcoding', () => {
    const of = structure(['a: raw params:p -> x@pandas', 'b: x@spark -> y z'], {
      raw: dataset({ asset: 'raw-flights' }),
      'x@pandas': elsewhere,
      'x@spark': dataset({ asset: 's3://bucket/x-spark' }),
      y: dataset({ address: 's3://bucket/y' }),
    });
    const assets = assetsOf(of);
    expect(assets).to.deep.equal({ raw: ['raw-flights'], x: ['s3://bucket/x', 's3://bucket/x-spark'] });
    expect(assetsOfTask(assets, { loads: ['raw', 'constructor'], saves: ['x', 'y'] })).to.deep.equal({
      inlets: ['raw-flights'],
      outlets: ['s3://bucket/x', 's3://bucket/x-spark'],
    });
  });

  const cases: readonly (readonly [string, Dataset, string | undefined])[] = [
    ['its own address', elsewhere, undefined],
    ['a name', dataset({ asset: 'flights' }), undefined],
    [
      'an address that it does not have',
      dataset({ asset: true, localPaths: ['/home/kedro_docker/data/x.csv'] }),
      'x is to be an Airflow asset, but its data have no address outside of the container',
    ],
    [
      'what Airflow does not import',
      dataset({ asset: 'airflow://x' }),
      'x is to be the Airflow asset "airflow://x", which is not an asset\'s URI',
    ],
    [
      'an address with a space in it',
      dataset({ asset: true, address: 's3://bucket/my x' }),
      'x is to be the Airflow asset "s3://bucket/my x", which is not an asset\'s URI',
    ],
  ];
  for (const [what, x, message] of cases) {
    it(`${message === undefined ? 'may be known by' : 'are refused by'} ${what}`, () => {
      const of = structure(['a: raw -> x'], { x });
      const problems = assetProblems(of, of.pipelines.__default__!);
      expect(problems.map((problem) => problem.message)).to.deep.equal(message === undefined ? [] : [message]);
    });
  }

  it('are not judged where another pipeline uses them', () => {
    const of = structure(['a: raw -> x'], { unused: dataset({ asset: true }) });
    expect(assetProblems(of, of.pipelines.__default__!)).to.deep.equal([]);
  });
});
