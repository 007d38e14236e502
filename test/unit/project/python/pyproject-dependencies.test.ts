import { expect } from 'chai';
import { parsePyProject } from '../../../../src/project/python/pyproject.js';
import { pyprojectDependencies } from '../../../../src/project/python/pyproject-dependencies.js';

/** `name[extras]specifier (group) @ line`, one a declaration. */
async function shown(text: string): Promise<string[]> {
  const pyproject = await parsePyProject(Buffer.from(text));
  const { declarations } = await pyprojectDependencies(pyproject, { pythonVersion: '3.11' });
  return declarations.map(({ name, extras, specifier, group, place, applies }) => {
    const asked = extras.length === 0 ? '' : `[${extras.join()}]`;
    return `${name}${asked}${specifier}${group === undefined ? '' : ` (${group})`} @ ${place.line ?? '?'}${applies ? '' : ' (not here)'}`;
  });
}

describe('pyprojectDependencies', () => {
  it('finds the line of a dependency in its own list, where the same text stands in others', async () => {
    const text =
      '[build-system]\nrequires = ["kedro"]\n[project]\nname = "kedro"\ndependencies = [\n  "kedro",\n]\n[project.optional-dependencies]\ndev = ["kedro"]\n';
    expect(await shown(text)).to.deep.equal(['kedro @ 6', 'kedro (extra dev) @ 9']);
  });

  it('follows dependency groups that include others, also in a circle', async () => {
    const text =
      '[dependency-groups]\ntest = ["mock", {include-group = "Typing_"}]\n"typing-" = ["mypy", {include-group = "test"}]\n';
    expect(await shown(text)).to.deep.equal([
      'mock (dependency group test) @ 2',
      'mypy (dependency group test) @ 3',
      'mypy (dependency group typing-) @ 3',
      'mock (dependency group typing-) @ 2',
    ]);
  });

  it('reads Poetry’s versions, tables, lists, extras, groups and optional packages', async () => {
    const text = [
      '[tool.poetry.dependencies]',
      'python = "^3.10"',
      'kedro = "^1.2"',
      'Kedro_MLflow = {version = "~2.0", extras = ["x"]}',
      'pywin32 = {version = "*", markers = "sys_platform == \'win32\'"}',
      'pandas = [',
      '  {version = "<2", python = "<3.10"},',
      '  {version = ">=2", python = "^3.10"},',
      ']',
      'orjson = {version = "3.1", optional = true}',
      'lib = {path = "../lib"}',
      '[tool.poetry.extras]',
      'fast = ["orjson"]',
      '[tool.poetry.group.test.dependencies]',
      'pytest = "^9.0"',
      '[tool.poetry.dev-dependencies]',
      'ruff = "*"',
    ].join('\n');
    expect(await shown(text)).to.deep.equal([
      'kedro>=1.2,<2 @ 3',
      'kedro-mlflow[x]>=2.0,<2.1 @ 4',
      'pywin32 @ 5 (not here)',
      'pandas<2 @ 6 (not here)',
      'pandas>=2 @ 6',
      'orjson==3.1 (extra fast) @ 10',
      'lib @ 11',
      'ruff (dependency group dev) @ 17',
      'pytest>=9.0,<10 (dependency group test) @ 15',
    ]);
  });
});
