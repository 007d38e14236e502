import { expect } from 'chai';
import { kedroMlflowInstalledByDockerfile } from '../../../../src/checks/rules/kedro-mlflow-installed-by-dockerfile.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

const PROD = 'FROM python:3.11\nCOPY prod.txt /\nRUN pip install -r /prod.txt\n';

describe('kedro-mlflow-installed-by-dockerfile', () => {
  const cases: [name: string, files: Record<string, string>, expected: string[]][] = [
    ['installed', { 'requirements.txt': 'kedro-mlflow' }, []],
    ['declared nowhere, of which another rule speaks', { 'requirements.txt': 'kedro' }, []],
    [
      'in a .in that was not compiled, of which another rule speaks',
      {
        'requirements.txt': 'kedro',
        'requirements.in': 'kedro-mlflow',
        'pyproject.toml': '[project]\ndependencies=["kedro-mlflow"]',
      },
      [],
    ],
    [
      'only in src/requirements.txt, without a Dockerfile',
      { 'src/requirements.txt': 'kedro-mlflow', 'requirements.txt': 'kedro' },
      [
        'error requirements.txt: src/requirements.txt requires kedro-mlflow, but kedro docker installs only the requirements.txt at the project root',
      ],
    ],
    [
      'only in pyproject.toml, without a Dockerfile',
      { 'pyproject.toml': '[project]\ndependencies = ["kedro-mlflow"]', 'requirements.txt': 'kedro' },
      [
        'error requirements.txt: pyproject.toml requires kedro-mlflow, but kedro docker installs only the requirements.txt at the project root',
      ],
    ],
    [
      'in another file than the Dockerfile installs',
      { 'requirements.txt': 'kedro-mlflow', 'prod.txt': 'kedro', Dockerfile: PROD },
      ['error Dockerfile:3: requirements.txt requires kedro-mlflow, but Dockerfile installs prod.txt, which does not'],
    ],
    [
      'with a Dockerfile that installs nothing of the project',
      { 'requirements.txt': 'kedro-mlflow', Dockerfile: 'FROM python:3.11\nRUN pip install kedro' },
      [
        "error Dockerfile:2: requirements.txt requires kedro-mlflow, but Dockerfile installs none of the project's requirements files",
      ],
    ],
    [
      'with a Dockerfile that installs another group of the lock file only',
      {
        'pyproject.toml': '[project]\ndependencies = ["kedro-mlflow"]',
        'uv.lock':
          '[[package]]\nname = "demo"\nsource = { virtual = "." }\ndependencies = [{ name = "kedro-mlflow" }]\n' +
          '[[package]]\nname = "kedro-mlflow"\nversion = "2"\n',
        Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN uv sync --only-group ci',
      },
      [
        'error Dockerfile:3: pyproject.toml requires kedro-mlflow, but Dockerfile excludes it when it installs from uv.lock',
      ],
    ],
    [
      'with a base image that may bring it along',
      { 'requirements.txt': 'kedro-mlflow', Dockerfile: 'FROM acme/kedro:1\nRUN pip install x' },
      [
        "warning Dockerfile:2: requirements.txt requires kedro-mlflow, but Dockerfile installs none of the project's requirements files",
      ],
    ],
    [
      'with a Dockerfile that runs a script',
      { 'requirements.txt': 'kedro-mlflow', Dockerfile: 'FROM python:3.11\nRUN make install' },
      [
        'warning Dockerfile:2: requirements.txt requires kedro-mlflow, but kdeploy cannot tell whether Dockerfile installs it (make install)',
      ],
    ],
    [
      'with a Dockerfile whose installation cannot be read',
      { 'requirements.txt': 'kedro-mlflow', Dockerfile: 'FROM python:3.11\nRUN conda env create -f e.yml' },
      [
        'warning Dockerfile:2: requirements.txt requires kedro-mlflow, but kdeploy cannot tell whether Dockerfile installs it (conda)',
      ],
    ],
  ];
  for (const [name, files, expected] of cases) {
    it(name, async () => expect(await findingsOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal(expected));
  }

  it('advises a line with the version, and none that includes a file which kedro docker does not copy', async () => {
    const files = { 'src/requirements.txt': 'kedro-mlflow~=0.12.2', 'requirements.txt': 'kedro' };
    expect(await remediesOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal([
      "echo 'kedro-mlflow~=0.12.2' >> requirements.txt",
    ]);
  });

  it('leaves it to another rule that there is no requirements.txt at all', async () => {
    const files = { 'src/requirements.txt': 'kedro-mlflow' };
    expect(await findingsOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal([]);
  });
});
