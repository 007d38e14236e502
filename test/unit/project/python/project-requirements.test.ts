import { expect } from 'chai';
import { kedroDockerTemplate, readDockerfile, type Dockerfile } from '../../../../src/project/dockerfile/dockerfile.js';
import {
  readProjectRequirements,
  type ProjectRequirements,
} from '../../../../src/project/python/project-requirements.js';
import { memorySource } from '../../../support/memory-source.js';

async function read(files: Readonly<Record<string, string>>): Promise<ProjectRequirements> {
  const source = memorySource(files);
  const dockerfile: Dockerfile =
    (await readDockerfile({ source, file: 'Dockerfile' })) ??
    kedroDockerTemplate('Dockerfile', null, files['requirements.txt'] !== undefined);
  return readProjectRequirements(source, dockerfile, { pythonVersion: '3.11' });
}

function names(declarations: readonly { name: string; group?: string }[]): string[] {
  return declarations.map(({ name, group }) => (group === undefined ? name : `${name} (${group})`));
}

const PYPROJECT = `
[project]
dependencies = [
    "kedro~=1.7",
    "kedro-mlflow>=2",
]
[project.optional-dependencies]
dev = ["pytest"]
[dependency-groups]
test = ["mock", {include-group = "other"}]
`;

describe('readProjectRequirements', () => {
  it('without a Dockerfile, installs requirements.txt as kedro docker does, and nothing of pyproject.toml', async () => {
    const requirements = await read({ 'requirements.txt': 'kedro\n', 'pyproject.toml': PYPROJECT });
    expect(names(requirements.installed)).to.deep.equal(['kedro']);
    expect(requirements.installedFiles).to.deep.equal(['requirements.txt']);
    expect(names(requirements.declared)).to.deep.equal([
      'kedro',
      'kedro-mlflow',
      'pytest (extra dev)',
      'mock (dependency group test)',
      'kedro',
    ]);
    expect(requirements.declared[1]?.place).to.deep.equal({ file: 'pyproject.toml', line: 5 });
  });

  it('installs the dependencies of pyproject.toml where the Dockerfile installs the project, extras that are asked for included', async () => {
    const requirements = await read({
      Dockerfile: 'FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install .[dev]\n',
      'pyproject.toml': PYPROJECT,
    });
    expect(names(requirements.installed)).to.deep.equal(['kedro', 'kedro-mlflow', 'pytest']);
    expect(requirements.opaque).to.deep.equal([]);
  });

  it('follows -e . in requirements.txt', async () => {
    const requirements = await read({ 'requirements.txt': '-e .\n', 'pyproject.toml': PYPROJECT });
    expect(names(requirements.installed)).to.deep.equal(['kedro', 'kedro-mlflow']);
  });

  it('follows setuptools’ dynamic dependencies, which Kedro’s template used', async () => {
    const requirements = await read({
      Dockerfile: 'FROM python:3.11\nCOPY . /app\nRUN pip install /app\n',
      'pyproject.toml': '[tool.setuptools.dynamic]\ndependencies = {file = "src/requirements.txt"}\n',
      'src/requirements.txt': 'kedro-mlflow\n',
    });
    expect(names(requirements.installed)).to.deep.equal(['kedro-mlflow']);
  });

  it('counts what a Dockerfile names itself', async () => {
    const requirements = await read({
      Dockerfile: 'FROM python:3.11\nRUN pip install --no-cache-dir "kedro_mlflow>=2" uv\n',
    });
    expect(requirements.installed.map(({ name, specifier }) => name + specifier)).to.deep.equal([
      'kedro-mlflow>=2',
      'uv',
    ]);
  });

  it('notes a lock file’s tool as opaque, and takes what pyproject.toml asks for', async () => {
    const requirements = await read({
      Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN uv sync --frozen\n',
      'pyproject.toml': PYPROJECT,
    });
    expect(requirements.opaque.map(({ what }) => what)).to.deep.equal(['uv.lock']);
    expect(names(requirements.installed)).to.deep.equal(['kedro', 'kedro-mlflow']);
  });

  it('takes the packages of a lock file for installed, and pairs it with pyproject.toml', async () => {
    const source = memorySource({
      'pyproject.toml': '[tool.poetry.dependencies]\nkedro-mlflow = "^2.0"\nkedro = "^1.0"\n',
      'poetry.lock': '[[package]]\nname = "kedro"\nversion = "1.2"\ngroups = ["main"]\n',
    });
    const install = { kind: 'lock-file', tool: 'poetry', place: { file: 'Dockerfile', line: 3 } } as const;
    const dockerfile: Dockerfile = { ...kedroDockerTemplate('Dockerfile', null, true), installs: [install] };
    const requirements = await readProjectRequirements(source, dockerfile, { pythonVersion: '3.11' });
    expect(requirements.installed.map(({ name, specifier }) => name + specifier)).to.deep.equal(['kedro==1.2']);
    expect(requirements.opaque).to.deep.equal([]);
    expect(requirements.lockFiles).to.deep.equal(['poetry.lock']);
    expect(requirements.inputs.map(({ input, output, command }) => [input, output, command])).to.deep.equal([
      ['pyproject.toml', 'poetry.lock', 'poetry lock'],
    ]);
    expect(names(requirements.inputs[0]?.inputDeclarations ?? [])).to.deep.equal(['kedro-mlflow', 'kedro']);

    const withoutLock = memorySource({ 'pyproject.toml': '[tool.poetry.dependencies]\nkedro = "^1.0"\n' });
    const unlocked = await readProjectRequirements(withoutLock, dockerfile, { pythonVersion: '3.11' });
    expect(names(unlocked.installed)).to.deep.equal(['kedro']);
    expect(unlocked.opaque).to.deep.equal([{ what: 'poetry.lock', place: install.place }]);
  });

  it('reads Poetry’s dependencies by name', async () => {
    const requirements = await read({
      Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN poetry install\n',
      'pyproject.toml':
        '[tool.poetry.dependencies]\npython = "^3.11"\nkedro-mlflow = "^2.0"\nKedro = {version = "1.7"}\n',
    });
    expect(names(requirements.installed)).to.deep.equal(['kedro-mlflow', 'kedro']);
  });

  it('reports a file that the Dockerfile installs and the project lacks', async () => {
    const { problems } = await read({
      Dockerfile: 'FROM python:3.11\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n',
    });
    expect(problems).to.deep.equal([
      {
        kind: 'missing-file',
        message: 'the Dockerfile installs requirements.txt, which does not exist',
        place: { file: 'Dockerfile', line: 3 },
      },
    ]);
  });

  it('pairs requirements.in with what pip-compile makes of it', async () => {
    const { inputs } = await read({
      'requirements.in': 'kedro-mlflow\n',
      'requirements.txt': 'kedro==1\n',
      'src/requirements.in': 'a\n',
    });
    expect(inputs.map(({ input, output }) => [input, output])).to.deep.equal([
      ['requirements.in', 'requirements.txt'],
      ['src/requirements.in', 'src/requirements.txt'],
    ]);
    expect(inputs[0]?.outputDeclarations?.map(({ name }) => name)).to.deep.equal(['kedro']);
    expect(inputs[1]?.outputDeclarations).to.equal(undefined);
  });

  it('declares nothing from a pyproject.toml that is not TOML', async () => {
    expect((await read({ 'pyproject.toml': '[[[' })).declared).to.deep.equal([]);
  });
});
