import { expect } from 'chai';
import { requirementsInNotCompiled } from '../../../../src/checks/rules/requirements-in-not-compiled.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

describe('requirements-in-not-compiled', () => {
  const cases: [name: string, files: Record<string, string>, expected: string[]][] = [
    ['no .in file', { 'requirements.txt': 'kedro' }, []],
    [
      'a compiled one',
      { 'requirements.in': 'kedro_mlflow>=2', 'requirements.txt': 'kedro-mlflow==2.0.3\nmlflow==3.17' },
      [],
    ],
    [
      'kedro-mlflow missing from the .txt',
      { 'requirements.in': 'kedro\nkedro-mlflow', 'requirements.txt': 'kedro==1' },
      [
        'error requirements.in:2: kedro-mlflow is in requirements.in but not in requirements.txt: images are built from that file',
      ],
    ],
    [
      'no .txt at all',
      { 'src/requirements.in': 'kedro-mlflow' },
      [
        'error src/requirements.in:1: kedro-mlflow is in src/requirements.in but src/requirements.txt does not exist: images are built from that file',
      ],
    ],
    [
      'other packages missing',
      { 'requirements.in': 'a\nb\nc\nd\nkedro', 'requirements.txt': 'kedro==1' },
      ['warning requirements.in:1: requirements.txt is out of date with requirements.in: it lacks a, b, c and others'],
    ],
    [
      'a package that the image does not need',
      { 'requirements.in': 'pywin32 ; sys_platform == "win32"', 'requirements.txt': '' },
      [],
    ],
    [
      'a pin that the .in no longer allows',
      { 'requirements.in': 'kedro\nkedro-mlflow>=2', 'requirements.txt': 'kedro==1\nkedro-mlflow==1.0.2' },
      [
        'warning requirements.in:2: requirements.txt is out of date with requirements.in: it has kedro-mlflow==1.0.2, but requirements.in requires >=2',
      ],
    ],
    [
      'a folder of compiled files, one of which the image is built from',
      {
        'requirements.txt': '-r requirements/base.txt',
        'requirements/base.in': 'kedro-mlflow',
        'requirements/base.txt': 'kedro==1',
        'requirements/dev.in': 'pytest',
        'requirements/dev.txt': '',
        'MANIFEST.in': 'include *.md',
      },
      [
        'error requirements/base.in:1: kedro-mlflow is in requirements/base.in but not in requirements/base.txt: images are built from that file',
      ],
    ],
    ['a .in without kedro-mlflow and no .txt', { 'requirements.in': 'kedro' }, []],
  ];
  for (const [name, files, expected] of cases) {
    it(`${name}: ${expected.length === 0 ? 'fine' : 'reported'}`, async () =>
      expect(await findingsOf(requirementsInNotCompiled, { files })).to.deep.equal(expected));
  }

  const PYPROJECT = '[project]\nname = "demo"\ndependencies = ["kedro", "kedro-mlflow>=2"]\n';
  const UV_LOCK = (...names: readonly string[]): string =>
    [
      `[[package]]\nname = "demo"\nsource = { virtual = "." }\ndependencies = [${names.map((name) => `{ name = "${name}" }`).join(', ')}]\n`,
      ...names.map((name) => `[[package]]\nname = "${name}"\nversion = "1.5"\nsource = { registry = "x" }\n`),
    ].join('\n');
  const locks: [name: string, run: string, locked: readonly string[], expected: string[]][] = [
    [
      'uv sync --frozen installs a stale lock file',
      'uv sync --frozen',
      ['kedro'],
      ['error pyproject.toml:3: kedro-mlflow is in pyproject.toml but not in uv.lock: images are built from that file'],
    ],
    [
      'uv sync --locked refuses it',
      'uv sync --locked',
      ['kedro'],
      [
        'error pyproject.toml:3: kedro-mlflow is in pyproject.toml but not in uv.lock: the build is configured to fail if the lock file is out of date',
      ],
    ],
    [
      'uv sync makes it anew',
      'uv sync',
      ['kedro'],
      [
        'info pyproject.toml:3: kedro-mlflow is in pyproject.toml but not in uv.lock: the build updates the lock file, so the image may get versions that you have not tested',
      ],
    ],
    [
      'what one command makes anew the next installs, and it is said once',
      'uv sync --frozen --no-install-project && uv sync',
      ['kedro'],
      [
        'info pyproject.toml:3: kedro-mlflow is in pyproject.toml but not in uv.lock: the build updates the lock file, so the image may get versions that you have not tested',
      ],
    ],
    [
      'one command that refuses it ends the build',
      'uv sync --locked --no-install-project && uv sync',
      ['kedro'],
      [
        'error pyproject.toml:3: kedro-mlflow is in pyproject.toml but not in uv.lock: the build is configured to fail if the lock file is out of date',
      ],
    ],
    [
      'an old version in a lock file that is made anew',
      'uv sync',
      ['kedro', 'kedro-mlflow'],
      [
        'info pyproject.toml:3: uv.lock is out of date with pyproject.toml: it has kedro-mlflow==1.5, but pyproject.toml requires >=2',
      ],
    ],
    [
      'an old version in a lock file that is installed',
      'uv sync --frozen',
      ['kedro', 'kedro-mlflow'],
      [
        'warning pyproject.toml:3: uv.lock is out of date with pyproject.toml: it has kedro-mlflow==1.5, but pyproject.toml requires >=2',
      ],
    ],
    ['a command that installs another group only', 'uv sync --frozen --only-group ci', ['kedro'], []],
  ];
  for (const [name, run, locked, expected] of locks) {
    it(name, async () => {
      const files = {
        'pyproject.toml': PYPROJECT,
        'uv.lock': UV_LOCK(...locked),
        Dockerfile: `FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN ${run}\n`,
      };
      expect(await findingsOf(requirementsInNotCompiled, { files })).to.deep.equal(expected);
    });
  }

  it('gives the command', async () => {
    expect(
      await remediesOf(requirementsInNotCompiled, { files: { 'src/requirements.in': 'kedro-mlflow' } }),
    ).to.deep.equal(['pip-compile src/requirements.in --output-file src/requirements.txt']);
  });
});
