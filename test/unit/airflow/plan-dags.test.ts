import { expect } from 'chai';
import { planDags } from '../../../src/airflow/plan-dags.js';
import type { AirflowSettings, DagSettings } from '../../../src/config/settings/dag-settings.js';
import { structure } from '../graph/sample.js';
import { requestOf } from './dag-request.js';

describe('planning several DAGs', () => {
  const both = (dag: Partial<DagSettings>, settings: Partial<AirflowSettings> = {}) => {
    const of = structure(['a: raw -> x']);
    const pipelines = { ...of.pipelines, train: of.pipelines.__default__ ?? [] };
    return planDags(
      ['__default__', 'train'].map((pipeline) =>
        requestOf({ structure: { ...of, pipelines }, pipeline, dag, settings }),
      ),
    ).findings.map(({ rule, message }) => `${rule}: ${message}`);
  };

  it('has nothing against a file and an ID for each', () => {
    expect(both({})).to.deep.equal([]);
    expect(both({ id: '{pipeline}', output: '{pipeline}.py' })).to.deep.equal([]);
  });

  it('tells once what run_config says is wrong with each of them', () => {
    expect(both({}, { macroParams: ['prev_ds'] })).to.have.lengthOf(1);
  });

  it('refuses one file or one ID for two', () => {
    expect(both({ output: 'dags/x.py' })).to.deep.equal([
      'dag-file: the DAGs of __default__ and train would be written to the same file, dags/x.py',
    ]);
    expect(both({ id: 'x' })).to.deep.equal([
      'dag-id: the DAGs of __default__ and train would have the same ID, x',
      'dag-file: the DAGs of __default__ and train would be written to the same file, dags/x.py',
    ]);
  });
});
