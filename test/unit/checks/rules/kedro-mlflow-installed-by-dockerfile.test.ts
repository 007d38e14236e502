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
        'requirements.txt': 'kedro==1.7.0',
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
    const files = { 'src/requirements.txt': 'kedro-mlflow~=0.12.2', 'requirements.txt': 'kedro\n' };
    expect(await remediesOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal([
      "echo 'kedro-mlflow~=0.12.2' >> requirements.txt",
    ]);
  });

  it('leaves it to another rule that there is no requirements.txt at all', async () => {
    const files = { 'src/requirements.txt': 'kedro-mlflow' };
    expect(await findingsOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal([]);
  });

  const WHEEL = '[project]\nname = "My.Demo"\ndependencies = ["kedro-mlflow"]\n[tool.kedro]\npackage_name = "demo"\n';
  const builder = (run: string): string[] => [
    'FROM python:3.11 AS b',
    'WORKDIR /src',
    'COPY . .',
    `RUN ${run}`,
    'FROM python:3.11-slim',
  ];
  const wheels: [name: string, lines: string[]][] = [
    [
      'pip wheel',
      [...builder('pip wheel --no-deps -w /dist .'), 'COPY --from=b /dist /dist', 'RUN pip install /dist/*.whl'],
    ],
    [
      'pip wheel and --find-links',
      [
        ...builder('pip wheel --no-deps -w /w .'),
        'COPY --from=b /w /w',
        'RUN pip install --no-index --find-links=/w my-demo',
      ],
    ],
    [
      'python -m build',
      [...builder('python -m build --wheel'), 'COPY --from=b /src/dist/*.whl ./', 'RUN pip install *.whl && rm *.whl'],
    ],
    [
      'uv build',
      [
        ...builder('uv build --out-dir /o'),
        'COPY --from=b /o/ /o/',
        'RUN uv pip install --system /o/my_demo-0.1-py3-none-any.whl',
      ],
    ],
    [
      'poetry build',
      [...builder('poetry build -f wheel'), 'COPY --from=b /src/dist/my*.whl .', 'RUN pip install ./my*.whl'],
    ],
    [
      'kedro package',
      [
        ...builder('kedro package'),
        'COPY --from=b /src/dist/demo-0.1-py3-none-any.whl .',
        'RUN pip install demo-0.1-py3-none-any.whl',
      ],
    ],
    [
      'setup.py',
      [
        ...builder('python setup.py -q bdist_wheel'),
        'COPY --from=b /src/dist /d',
        'RUN ["sh", "-c", "pip install /d/*.whl"]',
      ],
    ],
    [
      'the output of a command',
      [...builder('uv build'), 'COPY --from=b /src/dist /d', 'RUN pip install "$(ls /d/*.whl)[s3]"'],
    ],
    ['a mount', [...builder('uv build'), 'RUN --mount=type=bind,from=b,source=/src/dist,target=/d pip install /d/*']],
    ['a build before the image', ['FROM python:3.11', 'COPY dist/*.whl /tmp/', 'RUN pip install /tmp/*.whl']],
    [
      'a build before the image, with its name',
      ['FROM python:3.11', 'COPY out/my_demo-1-py3-none-any.whl /', 'RUN pip install /my_demo-1-py3-none-any.whl'],
    ],
  ];
  for (const [name, lines] of wheels)
    it(`takes a wheel of the project for an installation of the project: ${name}`, async () => {
      const files = { 'pyproject.toml': WHEEL, Dockerfile: lines.join('\n') };
      expect(await findingsOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal([]);
    });

  const others: [name: string, lines: string[], severity: string][] = [
    [
      'without its dependencies',
      [...builder('uv build'), 'COPY --from=b /src/dist /d', 'RUN pip install --no-deps /d/*.whl'],
      'error',
    ],
    [
      'without its dependencies, by name',
      ['FROM python:3.11', 'COPY dist /d', 'RUN pip install --no-deps -f /d my_demo'],
      'error',
    ],
    [
      'of another folder',
      [...builder('cd libs/io && uv build'), 'COPY --from=b /src/libs/io/dist /d', 'RUN pip install /d/*.whl'],
      'warning',
    ],
    ['from elsewhere', ['FROM python:3.11', 'COPY vendor/*.whl /v/', 'RUN pip install /v/*.whl'], 'warning'],
    [
      'of another package',
      ['FROM python:3.11', 'COPY dist /d', 'RUN pip install /d/other-1-py3-none-any.whl'],
      'error',
    ],
  ];
  for (const [name, lines, severity] of others)
    it(`does not so with a wheel ${name}`, async () => {
      const files = { 'pyproject.toml': WHEEL, Dockerfile: lines.join('\n') };
      const found = await findingsOf(kedroMlflowInstalledByDockerfile, { files });
      expect(found.map((text) => text.split(' ')[0])).to.deep.equal([severity]);
    });

  it('is not certain of a project whose requirements only setup.py knows', async () => {
    const files = {
      'requirements.txt': 'kedro-mlflow',
      'pyproject.toml': '[tool.kedro]\npackage_name = "demo"\n',
      Dockerfile: 'FROM python:3.11\nCOPY . /app\nRUN pip install /app',
    };
    expect(await findingsOf(kedroMlflowInstalledByDockerfile, { files })).to.deep.equal([
      'warning Dockerfile:3: requirements.txt requires kedro-mlflow, but kdeploy cannot tell whether Dockerfile installs it (the project, whose requirements pyproject.toml does not list)',
    ]);
  });
});
