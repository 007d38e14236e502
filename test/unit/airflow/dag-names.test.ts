import { expect } from 'chai';
import { dagId, fileName } from '../../../src/airflow/dag-names.js';

describe('the names of a DAG and its file', () => {
  const ids: readonly [template: string | null, pipeline: string, id: string][] = [
    [null, '__default__', 'flights'],
    [null, 'data_science', 'flights-data-science'],
    ['{project}-{pipeline}', 'data_science', 'flights-data_science'],
    ['{project}-{pipeline}', '__default__', 'flights-default'],
    ['nightly', 'data_science', 'nightly'],
    // Filled in once: a name may look like a placeholder.
    ['{pipeline}-{project}', '{project}', '{project}-flights'],
    ['{constructor}', 'x', '{constructor}'],
  ];
  for (const [template, pipeline, id] of ids) {
    it(`are ${id} for the pipeline ${pipeline} by ${template ?? 'default'}`, () => {
      expect(dagId(template, 'flights', pipeline)).to.equal(id);
    });
  }

  it('are letters that Airflow accepts where no template says otherwise', () => {
    for (const pipeline of ['data science', 'a/b', 'größe', 'x'.repeat(200)])
      expect(dagId(null, 'flights', pipeline)).to.match(/^[\w.-]{1,250}$/);
  });

  const files: readonly [output: string, pipeline: string, file: string][] = [
    ['dags/{dag_id}.py', 'x', 'dags/id.py'],
    ['./dags//{pipeline}.py', 'x', 'dags/x.py'],
    ['dags/{pipeline}.py', '../../x', 'dags/..-..-x.py'],
    ['dags/{pipeline}.py', '{dag_id}', 'dags/{dag_id}.py'],
  ];
  for (const [output, pipeline, file] of files) {
    it(`are ${file} for ${output} and the pipeline ${pipeline}`, () => {
      expect(fileName({ output, as: 'dag' }, 'id', pipeline)).to.equal(file);
    });
  }

  const modules: readonly [output: string, id: string, pipeline: string, file: string][] = [
    ['dags/{dag_id}.py', 'flights-data-science', 'data_science', 'dags/flights_data_science.py'],
    ['dags/{dag_id}.py', 'team.flights', '__default__', 'dags/team_flights.py'],
    ['my-dags/{pipeline}.py', 'flights', 'data science/größe', 'my-dags/data_science_größe.py'],
    ['dags/my-group.py', 'flights', 'x', 'dags/my-group.py'],
  ];
  for (const [output, id, pipeline, file] of modules) {
    it(`are ${file} for the task group ${id} of ${pipeline} in ${output}, so that a DAG can import it`, () => {
      expect(fileName({ output, as: 'task-group' }, id, pipeline)).to.equal(file);
    });
  }
});
