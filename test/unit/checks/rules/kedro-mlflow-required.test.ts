import { expect } from 'chai';
import { kedroMlflowRequired } from '../../../../src/checks/rules/kedro-mlflow-required.js';
import { contextWith, findingsOf, remediesOf } from '../../../support/check-rule.js';

describe('kedro-mlflow-required', () => {
  const fine: [name: string, files: Record<string, string>][] = [
    ['in requirements.txt', { 'requirements.txt': 'kedro\nkedro-mlflow\n' }],
    [
      'under another spelling, pinned, with an extra and a comment',
      { 'requirements.txt': 'Kedro_MLflow[x]==0.12.1  # tracking\r\n' },
    ],
    ['in src/requirements.txt', { 'src/requirements.txt': 'kedro-mlflow>=2' }],
    ['in an included file', { 'requirements.txt': '-r more/tracking.txt', 'more/tracking.txt': 'kedro-mlflow' }],
    ['in pyproject.toml', { 'pyproject.toml': '[project]\ndependencies = ["kedro-mlflow~=2.0"]' }],
    ['by URL', { 'requirements.txt': 'kedro-mlflow @ git+https://github.com/Galileo-Galilei/kedro-mlflow' }],
    ['with a marker that holds in the image', { 'requirements.txt': 'kedro-mlflow ; sys_platform == "linux"' }],
    ['in the Dockerfile itself', { Dockerfile: 'FROM python:3.11\nRUN pip install kedro-mlflow' }],
    [
      'in requirements.in, of which another rule speaks',
      { 'requirements.in': 'kedro-mlflow', 'requirements.txt': 'kedro==1.7.0' },
    ],
  ];
  for (const [name, files] of fine) {
    it(`is content with it ${name}`, async () =>
      expect(await findingsOf(kedroMlflowRequired, { files })).to.deep.equal([]));
  }

  const broken: [name: string, files: Record<string, string>, expected: string][] = [
    [
      'is nowhere',
      { 'requirements.txt': 'kedro\nmlflow\nkedro-mlflow-extras\n' },
      'error requirements.txt: kedro-mlflow is missing from the requirements: runs in the image would log nothing to MLflow',
    ],
    [
      'is nowhere, and there is no file at all',
      {},
      'error requirements.txt: kedro-mlflow is missing from the requirements: runs in the image would log nothing to MLflow',
    ],
    [
      'is in a comment',
      { 'requirements.txt': '# kedro-mlflow\n' },
      'error requirements.txt: kedro-mlflow is missing from the requirements: runs in the image would log nothing to MLflow',
    ],
    [
      'is only a constraint',
      { 'requirements.txt': '-c limits.txt', 'limits.txt': 'kedro-mlflow<3' },
      'error requirements.txt: kedro-mlflow is missing from the requirements: runs in the image would log nothing to MLflow',
    ],
    [
      'has a marker that excludes the image',
      { 'requirements.txt': 'kedro\nkedro-mlflow ; sys_platform == "win32"\n' },
      'error requirements.txt:2: kedro-mlflow is declared only for sys_platform == "win32", which is false in the image',
    ],
    [
      'has a marker that excludes the image’s Python',
      {
        'requirements.txt': 'kedro-mlflow ; python_version < "3.10"',
        Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt',
      },
      'error requirements.txt:1: kedro-mlflow is declared only for python_version < "3.10", which is false in the image',
    ],
    [
      'is for no Python that is possible, though that of the base image is not known',
      {
        'requirements.txt': 'kedro-mlflow; python_version < "3"\n',
        Dockerfile: 'FROM registry.example.com/base:latest\nCOPY . .\nRUN pip install -r requirements.txt\n',
      },
      'error requirements.txt:1: kedro-mlflow is declared only for python_version < "3", which is false in the image',
    ],
    [
      'is for no Python that requires-python allows',
      {
        'requirements.txt': 'kedro-mlflow; python_version < "3.10"\n',
        'pyproject.toml': '[project]\nname = "x"\nrequires-python = ">=3.11"\n',
        Dockerfile: 'FROM registry.example.com/base:latest\nCOPY . .\nRUN pip install -r requirements.txt\n',
      },
      'error requirements.txt:1: kedro-mlflow is declared only for python_version < "3.10", which is false in the image',
    ],
    [
      'is in an extra',
      { 'pyproject.toml': '[project.optional-dependencies]\nTracking = ["kedro-mlflow"]' },
      'error pyproject.toml:2: kedro-mlflow is declared only in the extra tracking, which the image does not install',
    ],
    [
      'is in a dependency group',
      { 'pyproject.toml': '[dependency-groups]\ndev = ["kedro-mlflow"]' },
      'error pyproject.toml:2: kedro-mlflow is declared only in the dependency group dev, which the image does not install',
    ],
    [
      'may come with something unreadable',
      { 'requirements.txt': './libs/base\n' },
      'warning requirements.txt:1: kedro-mlflow is not in the requirements that kdeploy can read; it may come with a folder',
    ],
  ];
  for (const [name, files, expected] of broken) {
    it(`reports that it ${name}`, async () =>
      expect(await findingsOf(kedroMlflowRequired, { files })).to.deep.equal([expected]));
  }

  it('advises the file that the Dockerfile installs', async () => {
    const files = {
      'prod.txt': 'kedro\n',
      Dockerfile: 'FROM python:3.11\nCOPY prod.txt /\nRUN pip install -r /prod.txt',
    };
    expect(await remediesOf(kedroMlflowRequired, { files })).to.deep.equal(["echo 'kedro-mlflow' >> prod.txt"]);
    expect(await remediesOf(kedroMlflowRequired, {})).to.deep.equal(["echo 'kedro-mlflow' >> requirements.txt"]);
  });

  const additions: [what: string, files: Record<string, string | Buffer>, remedy: string, isFixable: boolean][] = [
    ['ends with a line break', { 'requirements.txt': 'kedro\n' }, "echo 'kedro-mlflow' >> requirements.txt", true],
    [
      'ends without a line break, as kedro new writes it',
      { 'requirements.txt': 'kedro' },
      "printf '\\nkedro-mlflow\\n' >> requirements.txt",
      true,
    ],
    [
      'is compiled by pip-compile',
      {
        'requirements.txt':
          '#\n# This file is autogenerated by pip-compile with Python 3.11\n# by the following command:\n#\n#    pip-compile --output-file=requirements.txt requirements.in\n#\nkedro==1.7.0\n    # via -r requirements.in\n',
        'requirements.in': 'kedro\n',
      },
      "echo 'kedro-mlflow' >> requirements.in && pip-compile --output-file=requirements.txt requirements.in",
      false,
    ],
    [
      'is compiled by uv',
      {
        'requirements.txt':
          '# This file was autogenerated by uv via the following command:\n#    uv pip compile requirements.in -o requirements.txt\nkedro==1.7.0\n',
        'requirements.in': 'kedro',
      },
      "printf '\\nkedro-mlflow\\n' >> requirements.in && uv pip compile requirements.in -o requirements.txt",
      false,
    ],
    [
      'is exported by uv',
      {
        'requirements.txt':
          '# This file was autogenerated by uv via the following command:\n#    uv export --no-hashes -o requirements.txt\nkedro==1.7.0\n',
      },
      "uv add 'kedro-mlflow' && uv export --no-hashes -o requirements.txt",
      false,
    ],
    [
      'is exported by Poetry, with hashes and no heading',
      { 'requirements.txt': 'kedro==1.7.0 \\\n    --hash=sha256:00\n', 'poetry.lock': '' },
      "poetry add 'kedro-mlflow' && poetry export --output requirements.txt",
      false,
    ],
    [
      'is UTF-16, as PowerShell writes it',
      { 'requirements.txt': Buffer.from('\uFEFFkedro\n', 'utf16le') },
      'save requirements.txt as UTF-8, then add kedro-mlflow to it',
      false,
    ],
  ];
  for (const [what, files, remedy, isFixable] of additions) {
    it(`advises and offers the same for a requirements.txt that ${what}`, async () => {
      const findings = await kedroMlflowRequired.check(contextWith({ files }));
      expect(findings.map((finding) => [finding.remedy, finding.fix !== undefined])).to.deep.equal([
        [remedy, isFixable],
      ]);
    });
  }

  const places: [name: string, files: Record<string, string>, remedy: string][] = [
    ['src/requirements.txt', { 'src/requirements.txt': 'kedro\n' }, "echo 'kedro-mlflow' >> src/requirements.txt"],
    [
      'pyproject.toml',
      { 'pyproject.toml': '[project]\ndependencies = ["kedro"]' },
      'add "kedro-mlflow" to the dependencies in pyproject.toml',
    ],
    [
      'pyproject.toml, with uv',
      { 'pyproject.toml': '[project]\ndependencies = ["kedro"]', 'uv.lock': 'version = 1\n' },
      'uv add kedro-mlflow',
    ],
    [
      'pyproject.toml, with Poetry',
      { 'pyproject.toml': '[tool.poetry.dependencies]\nkedro = "*"', 'poetry.lock': 'package = []\n' },
      'poetry add kedro-mlflow',
    ],
    [
      'the Dockerfile',
      { Dockerfile: 'FROM python:3.11\nRUN pip install kedro' },
      'install kedro-mlflow in Dockerfile as well',
    ],
  ];
  for (const [name, files, remedy] of places) {
    it(`advises to add it where the other requirements are: ${name}`, async () =>
      expect(await remediesOf(kedroMlflowRequired, { files })).to.deep.equal([remedy]));
  }
});
