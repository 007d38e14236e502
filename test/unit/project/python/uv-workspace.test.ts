import { expect } from 'chai';
import { findWorkspace } from '../../../../src/project/python/uv-workspace.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('the uv workspace of a project', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const workspace = (lines: string): string => `[tool.uv.workspace]\n${lines}\n`;
  const find = async (project: string): Promise<string | undefined> => findWorkspace(folder.file(project));

  for (const [members, project, isMember] of [
    ['["packages/*"]', 'packages/a', true],
    ['["packages/*"]', 'packages/a/b', false],
    ['["packages/**"]', 'packages/a/b', true],
    ['["**/kedro-*"]', 'x/y/kedro-a', true],
    ['["./packages/a/"]', 'packages/a', true],
    ['["p?ckages/[ab]"]', 'packages/a', true],
    ['["packages/[!a]"]', 'packages/a', false],
    ['["packages.*"]', 'packages/a', false],
    ['["packages/*"]\nexclude = ["packages/a"]', 'packages/a', false],
    ['[]', 'packages/a', false],
  ] as const) {
    it(`${isMember ? 'is' : 'is not'} that of ${project} with members = ${members.replace('\n', ', ')}`, async () => {
      await folder.write({
        'pyproject.toml': workspace(`members = ${members}`),
        [`${project}/pyproject.toml`]: '[project]\nname = "a"\n',
      });
      expect(await find(project)).to.equal(isMember ? folder.path : undefined);
    });
  }

  it('is the project itself, where that is its root', async () => {
    await folder.write({ 'p/pyproject.toml': workspace('members = ["x"]') });
    expect(await find('p')).to.equal(folder.file('p'));
  });

  it('is not above another project, and not what has no valid TOML', async () => {
    await folder.write({
      'pyproject.toml': workspace('members = ["**"]'),
      'other/pyproject.toml': '[project]\nname = "other"\n',
      'other/p/pyproject.toml': '[project]\nname = "p"\n',
      'broken/pyproject.toml': '[[[',
      'broken/p/pyproject.toml': '[project]\nname = "p"\n',
    });
    expect(await find('other/p')).to.equal(undefined);
    expect(await find('broken/p')).to.equal(folder.path);
  });
});
