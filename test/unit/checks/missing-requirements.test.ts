import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { commandForRequirements, lacksRequirementsOfTemplate } from '../../../src/checks/missing-requirements.js';
import { kedroMlflowInstalledByDockerfile } from '../../../src/checks/rules/kedro-mlflow-installed-by-dockerfile.js';
import { requirementsReadable } from '../../../src/checks/rules/requirements-readable.js';
import { contextWith, findingsOf } from '../../support/check-rule.js';
import { TemporaryFolder } from '../temporary-folder.js';

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

  it('is src/requirements.txt for a kedro-docker that installs that one', async () => {
    const folder = await TemporaryFolder.create();
    const template = 'FROM python:3.9\nCOPY src/requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n';
    await folder.write({
      'bin/kedro': '#!/bin/sh\n',
      'lib/python3.9/site-packages/kedro_docker/template/Dockerfile.simple': template,
    });
    await chmod(folder.file('bin/kedro'), 0o755);
    const processEnvironment = { KDEPLOY_KEDRO: folder.file('bin/kedro') };
    const context = contextWith({ files: { 'requirements.txt': 'kedro-mlflow' }, processEnvironment });
    expect(await lacksRequirementsOfTemplate(context)).to.equal(true);
    expect(await commandForRequirements(context)).to.equal('cp requirements.txt src/requirements.txt');
    const files = { 'requirements.txt': 'kedro-mlflow', 'src/requirements.txt': 'kedro' };
    expect(
      await findingsOf(requirementsReadable, { files: { 'requirements.txt': '' }, processEnvironment }),
    ).to.deep.equal([
      'error src/requirements.txt: src/requirements.txt is missing: without a Dockerfile, kedro docker installs only from that file',
    ]);
    expect(await findingsOf(kedroMlflowInstalledByDockerfile, { files, processEnvironment })).to.deep.equal([
      'error src/requirements.txt: requirements.txt requires kedro-mlflow, but kedro docker installs only src/requirements.txt',
    ]);
    await folder.remove();
  });
});
