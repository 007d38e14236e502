import { expect } from 'chai';
import { dockerfileReadable } from '../../../../src/checks/rules/dockerfile-readable.js';
import { kedroProject } from '../../../../src/checks/rules/kedro-project.js';
import { requirementsReadable } from '../../../../src/checks/rules/requirements-readable.js';
import { contextWith, findingsOf, remediesOf } from '../../../support/check-rule.js';

describe('kedro-project', () => {
  it('is content with what kedro new makes', async () => {
    expect(await findingsOf(kedroProject, { files: { 'src/demo/settings.py': '' } })).to.deep.equal([]);
  });

  it('reports a package that is not where pyproject.toml says', async () => {
    expect(await findingsOf(kedroProject, { files: { 'src/other/settings.py': '' } })).to.deep.equal([
      'error pyproject.toml: src/demo/settings.py is missing, although pyproject.toml names the package demo',
    ]);
  });

  it('reports a missing Kedro version', async () => {
    const context = contextWith({ files: { 'demo/settings.py': '' } });
    const { root, name, packageName, source } = context.project;
    const findings = await kedroProject.check({
      ...context,
      project: { root, name, packageName, source, sourceFolder: '' },
    });
    expect(findings.map(({ message }) => message)).to.deep.equal([
      'kedro_init_version is missing from [tool.kedro] in pyproject.toml: Kedro does not start without it',
    ]);
  });

  const versions: [init: string, requirements: string, expected: string | undefined][] = [
    ['1.7.0', 'kedro==1.0.0', undefined],
    ['1.0.0', 'kedro~=1.7', undefined],
    ['1.0.0', 'kedro==2.0.0', 'kedro==2.0.0'],
    ['1.0.0', 'kedro==1.0.0rc1', undefined],
    ['0.19.3', 'kedro==0.19.15', undefined],
    ['0.19.3', 'kedro~=0.19.0', undefined],
    ['0.19.3', 'kedro>=0.19', undefined],
    ['0.19.3', 'kedro>=0.19,<2', undefined],
    ['0.19.3', 'kedro==0.18.14', 'kedro==0.18.14'],
    ['0.18.14', 'kedro==0.19.0', 'kedro==0.19.0'],
    ['0.19.3', 'kedro>=1', 'kedro>=1'],
    ['1.7.0', 'kedro<1', 'kedro<1'],
    ['1.7.0', 'kedro\n-c limits.txt', 'kedro==0.19.15'],
    ['1.7.0', '-c limits.txt', undefined],
    ['1.7.0', 'kedro==0.19.15 ; python_version < "3.9"', undefined],
    ['1.7.0', 'kedro-telemetry==0.19.15', undefined],
    ['1.7.0', 'kedro', undefined],
    ['{{ cookiecutter.kedro_version }}', 'kedro==0.19.0', undefined],
    ['0', 'kedro==0.19.0', undefined],
    ['1', 'kedro==0.19.0', 'kedro==0.19.0'],
    ['10.0', 'kedro==1.0.0', 'kedro==1.0.0'],
  ];
  for (const [kedroVersion, requirements, expected] of versions) {
    it(`${expected === undefined ? 'accepts' : 'refuses'} ${JSON.stringify(requirements)} for a project of ${kedroVersion}`, async () => {
      const files = {
        'src/demo/settings.py': '',
        'requirements.txt': requirements,
        'limits.txt': 'kedro==0.19.15',
        Dockerfile: 'FROM python:slim\nCOPY . /\nRUN pip install -r requirements.txt',
      };
      expect(await findingsOf(kedroProject, { files, kedroVersion })).to.deep.equal(
        expected === undefined
          ? []
          : [
              `error requirements.txt:1: ${expected} cannot start this project, which was created with Kedro ${kedroVersion} (kedro_init_version in pyproject.toml)`,
            ],
      );
    });
  }
});

describe('dockerfile-readable', () => {
  const cases: [name: string, files: Record<string, string>, dockerfile: string, expected: RegExp[]][] = [
    ['none, because kedro docker writes one', {}, 'Dockerfile', []],
    ['a usual one', { Dockerfile: 'FROM python:3.11\nRUN pip install x' }, 'Dockerfile', []],
    ['one whose base image is not known beforehand', { Dockerfile: 'ARG X\nFROM $X' }, 'Dockerfile', []],
    [
      'one that is named and missing',
      { Dockerfile: 'FROM a' },
      'docker/Dockerfile',
      [/^error: the project has no docker\/Dockerfile$/],
    ],
    [
      'one without FROM',
      { Dockerfile: 'hello' },
      'Dockerfile',
      [/^error Dockerfile: Dockerfile has no FROM instruction/],
    ],
    ['a binary one', { Dockerfile: 'FROM \0' }, 'Dockerfile', [/^error Dockerfile: Dockerfile is not a Dockerfile/]],
  ];
  for (const [name, files, dockerfile, expected] of cases) {
    it(name, async () => {
      const findings = await findingsOf(dockerfileReadable, { files, settings: { image: { dockerfile } } });
      expect(findings).to.have.length(expected.length);
      for (const [index, pattern] of expected.entries()) expect(findings[index]).to.match(pattern);
    });
  }
});

describe('requirements-readable', () => {
  it('reports what pip cannot read, with its line', async () => {
    const files = {
      'requirements.txt': 'kedro\nnot a requirement\n-r missing.txt\n-r ../x.txt\n-r requirements.txt\n',
    };
    expect(await findingsOf(requirementsReadable, { files })).to.deep.equal([
      'warning requirements.txt:2: requirements.txt:2 is not a requirement that pip can read',
      'error requirements.txt:3: requirements.txt:3 includes missing.txt, which does not exist',
      'error requirements.txt:4: requirements.txt:4 includes ../x.txt, which is outside the project and never reaches the image',
      'warning requirements.txt:5: requirements.txt:5 includes requirements.txt, which is already being read',
    ]);
  });

  const git: [what: string, base: string, run: string, isReported: boolean][] = [
    ['a slim base', 'python:3.11-slim', '', true],
    ['a plain distribution', 'debian:bookworm', 'RUN apt-get update && apt-get install -y python3-pip', true],
    ['a base that brings git', 'python:3.11', '', false],
    ['a base of which nothing is known', 'registry.example.com/base:slim', '', false],
    ['a slim base with git installed', 'python:3.11-slim', 'RUN apt-get update && apt-get install -y git', false],
  ];
  for (const [what, base, run, isReported] of git) {
    it(`${isReported ? 'warns of' : 'accepts'} a requirement from a Git repository on ${what}`, async () => {
      const files = {
        'requirements.txt': 'kedro\nmine @ git+https://github.com/acme/mine@v1\n',
        Dockerfile: `FROM ${base}\n${run}\nCOPY . .\nRUN pip install -r requirements.txt\n`,
      };
      expect(await findingsOf(requirementsReadable, { files })).to.deep.equal(
        isReported
          ? [`warning requirements.txt:2: mine is installed from a Git repository, but ${base} has no git`]
          : [],
      );
    });
  }

  it('reports the requirements.txt that kedro docker needs and the project lacks', async () => {
    expect(await findingsOf(requirementsReadable, {})).to.deep.equal([
      'error requirements.txt: requirements.txt is missing: without a Dockerfile, kedro docker installs only from that file',
    ]);
  });

  const elsewhere: [name: string, files: Record<string, string>, remedy: string][] = [
    ['src/requirements.txt', { 'src/requirements.txt': 'kedro' }, 'cp src/requirements.txt requirements.txt'],
    ['requirements.in', { 'requirements.in': 'kedro' }, 'pip-compile requirements.in --output-file requirements.txt'],
    [
      'uv.lock',
      { 'pyproject.toml': '[project]\ndependencies = ["kedro"]', 'uv.lock': 'version = 1\n' },
      'uv export --no-emit-project --no-hashes --output-file requirements.txt',
    ],
    [
      'Poetry’s part of pyproject.toml',
      { 'pyproject.toml': '[tool.poetry.dependencies]\nkedro = "^0.19"' },
      'poetry export --without-hashes --output requirements.txt (Poetry 2 needs the plugin poetry-plugin-export)',
    ],
    [
      'pyproject.toml',
      { 'pyproject.toml': '[project]\ndependencies = ["kedro"]' },
      'pip-compile pyproject.toml --output-file requirements.txt',
    ],
    [
      'no file at all',
      { 'pyproject.toml': '[tool.kedro]' },
      'list the packages that the project imports in requirements.txt, or write a Dockerfile that installs them',
    ],
  ];
  for (const [name, files, remedy] of elsewhere) {
    it(`advises how requirements.txt is made of ${name}`, async () =>
      expect(await remediesOf(requirementsReadable, { files })).to.deep.equal([remedy]));
  }

  it('leaves a requirements.in with kedro-mlflow to the check that speaks of compiling', async () => {
    expect(await findingsOf(requirementsReadable, { files: { 'requirements.in': 'kedro-mlflow' } })).to.deep.equal([]);
  });

  it('reports what kedro docker leaves behind when it copies requirements.txt alone', async () => {
    const files = { 'requirements.txt': '-r src/requirements.txt\nkedro\n', 'src/requirements.txt': 'pandas\n' };
    const message =
      "error requirements.txt:1: requirements.txt:1 includes src/requirements.txt, but kedro docker's Dockerfile copies only requirements.txt: pip would not find it";
    expect(await findingsOf(requirementsReadable, { files })).to.deep.equal([message]);
    const Dockerfile = 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\n';
    expect(await findingsOf(requirementsReadable, { files: { ...files, Dockerfile } })).to.deep.equal([]);
  });

  it('does not look into files that are not installed', async () => {
    expect(
      await findingsOf(requirementsReadable, {
        files: { 'requirements.txt': '', 'src/requirements.txt': '-r missing.txt' },
      }),
    ).to.deep.equal([]);
  });
});
