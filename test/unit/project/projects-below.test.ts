import { expect } from 'chai';
import { projectsBelow } from '../../../src/project/projects-below.js';
import { memorySource } from '../../support/memory-source.js';

const KEDRO = '[tool.kedro]\npackage_name = "x"\n';

describe('the Kedro projects below a folder', () => {
  it('are those whose pyproject.toml has [tool.kedro]', async () => {
    const source = memorySource({
      'services/churn/pyproject.toml': KEDRO,
      'services/price/pyproject.toml': KEDRO,
      'libs/tools/pyproject.toml': '[project]\nname = "kedro-tools"\n',
      'broken/pyproject.toml': '[tool.kedro\n',
    });
    expect(await projectsBelow(source)).to.deep.equal(['services/churn', 'services/price']);
  });

  for (const folder of ['.venv/lib/x', 'node_modules/x', 'a/b/c/d/e/f']) {
    it(`are not looked for in ${folder}`, async () => {
      expect(await projectsBelow(memorySource({ [`${folder}/pyproject.toml`]: KEDRO }))).to.deep.equal([]);
    });
  }
});
