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
      expect(fileName({ output }, 'id', pipeline)).to.equal(file);
    });
  }
});
