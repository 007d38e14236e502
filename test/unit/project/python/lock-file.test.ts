import { expect } from 'chai';
import type { LockFileInstall } from '../../../../src/project/dockerfile/dockerfile.js';
import { parsePyProject } from '../../../../src/project/python/pyproject.js';
import { readLockFile } from '../../../../src/project/python/lock-file.js';
import { memorySource } from '../../../support/memory-source.js';

/** What `uv lock` writes, hashes left out. */
const UV_LOCK = `version = 1
requires-python = ">=3.10"

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "demo"
version = "0.1"
source = { virtual = "." }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "requests", extra = ["socks"] },
    { name = "tomli", marker = "python_full_version < '3.11'" },
]

[package.optional-dependencies]
fast = [
    { name = "orjson" },
]

[package.dev-dependencies]
dev = [
    { name = "iniconfig" },
]
prod = [
    { name = "six" },
]

[[package]]
name = "idna"
version = "3.20"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "iniconfig"
version = "2.3.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "orjson"
version = "3.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pysocks"
version = "1.7"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "requests"
version = "2.40"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "idna" },
    { name = "demo" },
]

[package.optional-dependencies]
socks = [
    { name = "pysocks" },
]

[[package]]
name = "six"
version = "1.17"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "tomli"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
`;

/** What Poetry 2 writes. */
const POETRY_LOCK = `[[package]]
name = "Kedro_MLflow"
version = "2.0.3"
optional = false
groups = ["main"]

[[package]]
name = "pywin32"
version = "306"
optional = false
groups = ["main", "dev"]
markers = {main = "sys_platform == \\"win32\\"", dev = "sys_platform == \\"win32\\""}

[[package]]
name = "pytest"
version = "9.0"
optional = false
groups = ["dev"]

[[package]]
name = "orjson"
version = "3.1"
optional = true
groups = ["main"]
markers = "extra == \\"fast\\""

[metadata]
lock-version = "2.1"
`;

const GROUPS_LOCK = [
  ['kedro', '1', 'default'],
  ['gunicorn', '23', 'serve'],
  ['sphinx', '8', 'docs'],
]
  .map(
    ([name, version, group]) =>
      `[[package]]\nname = "${name ?? ''}"\nversion = "${version ?? ''}"\ngroups = ["${group ?? ''}"]\n`,
  )
  .join('\n');

async function locked(
  install: Omit<LockFileInstall, 'kind' | 'place'>,
  files: Readonly<Record<string, string>>,
  pythonVersion = '3.11',
): Promise<string[] | undefined> {
  const pyproject = await parsePyProject(Buffer.from(files['pyproject.toml'] ?? ''));
  const place = { file: 'Dockerfile', line: 1 };
  const lock = await readLockFile(
    memorySource(files),
    { kind: 'lock-file', place, ...install },
    { pythonVersion },
    pyproject,
  );
  return lock?.declarations.map(({ name, specifier }) => name + specifier);
}

describe('readLockFile', () => {
  const uv = { 'uv.lock': UV_LOCK };
  const cases: [
    name: string,
    install: Omit<LockFileInstall, 'kind' | 'place'>,
    files: Record<string, string>,
    expected: string[] | undefined,
    python?: string,
  ][] = [
    ['uv sync', { tool: 'uv' }, uv, ['idna==3.20', 'iniconfig==2.3.1', 'pysocks==1.7', 'requests==2.40']],
    [
      'uv sync --no-default-groups',
      { tool: 'uv', withoutDefaultGroups: true },
      uv,
      ['idna==3.20', 'pysocks==1.7', 'requests==2.40'],
    ],
    [
      'uv sync --no-default-groups --group prod --extra FAST',
      { tool: 'uv', withoutDefaultGroups: true, groups: ['prod'], extras: ['FAST'] },
      uv,
      ['idna==3.20', 'orjson==3.1', 'pysocks==1.7', 'requests==2.40', 'six==1.17'],
    ],
    [
      'uv sync --no-default-groups --all-extras',
      { tool: 'uv', withoutDefaultGroups: true, extras: ['*'] },
      uv,
      ['idna==3.20', 'orjson==3.1', 'pysocks==1.7', 'requests==2.40'],
    ],
    [
      'uv sync with groups set in pyproject.toml',
      { tool: 'uv' },
      { ...uv, 'pyproject.toml': '[tool.uv]\ndefault-groups = ["prod"]\n' },
      ['idna==3.20', 'pysocks==1.7', 'requests==2.40', 'six==1.17'],
    ],
    [
      'uv sync --all-groups --no-group DEV',
      { tool: 'uv', groups: ['*'], without: ['DEV'] },
      uv,
      ['idna==3.20', 'pysocks==1.7', 'requests==2.40', 'six==1.17'],
    ],
    [
      'uv sync --group dev --no-group dev, where the refusal wins',
      { tool: 'uv', groups: ['dev'], without: ['dev'] },
      uv,
      ['idna==3.20', 'pysocks==1.7', 'requests==2.40'],
    ],
    [
      'uv sync --no-dev leaves only the group dev out',
      { tool: 'uv', without: ['dev'] },
      { ...uv, 'pyproject.toml': '[tool.uv]\ndefault-groups = "all"\n' },
      ['idna==3.20', 'pysocks==1.7', 'requests==2.40', 'six==1.17'],
    ],
    [
      'uv sync --only-group prod',
      { tool: 'uv', withoutDefaultGroups: true, onlyGroups: true, groups: ['prod'] },
      uv,
      ['six==1.17'],
    ],
    [
      'uv sync on an older Python',
      { tool: 'uv', withoutDefaultGroups: true },
      uv,
      ['idna==3.20', 'pysocks==1.7', 'requests==2.40', 'tomli==2.0'],
      '3.10',
    ],
    ['poetry install', { tool: 'poetry' }, { 'poetry.lock': POETRY_LOCK }, ['kedro-mlflow==2.0.3', 'pytest==9.0']],
    [
      'poetry install --only main',
      { tool: 'poetry', withoutDefaultGroups: true },
      { 'poetry.lock': POETRY_LOCK },
      ['kedro-mlflow==2.0.3'],
    ],
    [
      'poetry install --only main --extras fast',
      { tool: 'poetry', withoutDefaultGroups: true, extras: ['fast'] },
      { 'poetry.lock': POETRY_LOCK },
      ['kedro-mlflow==2.0.3', 'orjson==3.1'],
    ],
    [
      'poetry install --without dev',
      { tool: 'poetry', without: ['dev'] },
      { 'poetry.lock': POETRY_LOCK },
      ['kedro-mlflow==2.0.3'],
    ],
    [
      'poetry install --without another',
      { tool: 'poetry', without: ['docs'] },
      { 'poetry.lock': POETRY_LOCK },
      ['kedro-mlflow==2.0.3', 'pytest==9.0'],
    ],
    [
      'poetry install --only dev',
      { tool: 'poetry', withoutDefaultGroups: true, onlyGroups: true, groups: ['Dev'] },
      { 'poetry.lock': POETRY_LOCK },
      ['pytest==9.0'],
    ],
    [
      'poetry install, which takes every group that is not optional',
      { tool: 'poetry' },
      { 'poetry.lock': GROUPS_LOCK, 'pyproject.toml': '[tool.poetry.group.docs]\noptional = true\n' },
      ['kedro==1', 'gunicorn==23'],
    ],
    [
      'poetry install --with an optional group',
      { tool: 'poetry', groups: ['docs'], without: ['serve'] },
      { 'poetry.lock': GROUPS_LOCK, 'pyproject.toml': '[tool.poetry.group.docs]\noptional = true\n' },
      ['kedro==1', 'sphinx==8'],
    ],
    [
      'pdm install, which takes groups for development and no extras',
      { tool: 'pdm' },
      { 'pdm.lock': GROUPS_LOCK, 'pyproject.toml': '[dependency-groups]\nserve = []\n' },
      ['kedro==1', 'gunicorn==23'],
    ],
    ['pdm install --no-default', { tool: 'pdm', onlyGroups: true }, { 'pdm.lock': GROUPS_LOCK }, []],
    [
      'pdm install -G :all',
      { tool: 'pdm', groups: [':all'] },
      { 'pdm.lock': GROUPS_LOCK },
      ['kedro==1', 'gunicorn==23', 'sphinx==8'],
    ],
    ['no lock file', { tool: 'poetry' }, uv, undefined],
    ['a lock file that is no TOML', { tool: 'uv' }, { 'uv.lock': '[[[' }, undefined],
    [
      'a lock file without the project',
      { tool: 'uv' },
      { 'uv.lock': UV_LOCK.replace('virtual = "."', 'registry = "x"') },
      undefined,
    ],
    [
      'a lock file of strange types',
      { tool: 'uv' },
      {
        'uv.lock':
          'package = [1, {name = 2}, {name = "demo", source = {virtual = "."}, dependencies = [3, {name = 4}]}]',
      },
      [],
    ],
  ];
  for (const [name, install, files, expected, python] of cases) {
    it(name, async () => expect(await locked(install, files, python)).to.deep.equal(expected));
  }

  it('knows the line of each package', async () => {
    const install = { kind: 'lock-file', tool: 'uv', place: { file: 'Dockerfile' } } as const;
    const lock = await readLockFile(memorySource(uv), install, {}, undefined);
    const idna = lock?.declarations.find(({ name }) => name === 'idna');
    expect(idna?.place).to.deep.equal({ file: 'uv.lock', line: UV_LOCK.split('\n').indexOf('name = "idna"') });
  });
});
