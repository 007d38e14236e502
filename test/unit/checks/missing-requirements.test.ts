import { expect } from 'chai';
import { commandForRequirements, lacksRequirementsOfTemplate } from '../../../src/checks/missing-requirements.js';
import { contextWith } from '../../support/check-rule.js';

describe('a requirements.txt that kedro docker would not find', () => {
  for (const [files, lacks] of [
    [{}, true],
    [{ 'src/requirements.txt': 'kedro' }, true],
    [{ 'requirements.txt': '' }, false],
    [{ Dockerfile: 'FROM python:3.11\nRUN pip install -r requirements.txt\n' }, false],
  ] as const) {
    it(`is ${lacks ? '' : 'not '}missing in a project with ${Object.keys(files).join(', ') || 'nothing'}`, async () => {
      expect(await lacksRequirementsOfTemplate(contextWith({ files }))).to.equal(lacks);
    });
  }

  const POETRY =
    'poetry export --without-hashes --output requirements.txt (Poetry 2 needs the plugin poetry-plugin-export)';
  for (const [files, command] of [
    [{ 'requirements.in': 'kedro' }, 'pip-compile requirements.in --output-file requirements.txt'],
    [{ 'src/requirements.txt': 'kedro' }, 'cp src/requirements.txt requirements.txt'],
    [{ 'uv.lock': '' }, 'uv export --no-emit-project --no-hashes --output-file requirements.txt'],
    [{ 'poetry.lock': '' }, POETRY],
    [{ 'pyproject.toml': '[tool.poetry.dependencies]\nkedro = "*"\n' }, POETRY],
    [
      { 'pyproject.toml': '[project]\ndependencies = ["kedro"]\n' },
      'pip-compile pyproject.toml --output-file requirements.txt',
    ],
    [
      { 'pyproject.toml': '[project.optional-dependencies]\ndev = ["kedro"]\n' },
      'list the packages that the project imports in requirements.txt, or write a Dockerfile that installs them',
    ],
    [
      { 'pyproject.toml': '[tool.other]\ndependencies = ["kedro"]\n' },
      'list the packages that the project imports in requirements.txt, or write a Dockerfile that installs them',
    ],
  ] as const) {
    it(`is made of ${JSON.stringify(files)} by: ${command}`, async () => {
      expect(await commandForRequirements(contextWith({ files }))).to.equal(command);
    });
  }
});
