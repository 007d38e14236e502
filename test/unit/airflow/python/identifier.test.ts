import { expect } from 'chai';

import { identifiers } from '../../../../src/airflow/python/identifier.js';

describe('names of variables', () => {
  it('are valid and different, whatever the tasks are called', () => {
    const texts = ['load-x', 'load_x', 'import', '1st', 'dag', '-', '__', 'modèle', 'match'];
    const names = [...identifiers(texts, ['dag']).values()];
    expect(names.slice(0, 5)).to.eql(['load_x', 'load_x_2', 'import_2', 'task_1st', 'dag_2']);
    expect(new Set(names)).to.have.lengthOf(texts.length);
    for (const name of names) expect(name).to.match(/^[A-Za-z][A-Za-z0-9_]*$/);
  });
});
