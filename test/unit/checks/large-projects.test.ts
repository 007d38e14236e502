import { expect } from 'chai';
import { checkProject } from '../../../src/checks/check.js';
import { contextWith } from '../../support/check-rule.js';
import { growthOf } from '../../support/growth.js';

type Files = Readonly<Record<string, string>>;

const KEDRO = '[tool.kedro]\npackage_name = "demo"\n';
const PROJECT: Files = {
  'pyproject.toml': KEDRO,
  'requirements.txt': 'kedro~=1.7.0\nkedro-mlflow==2.0.3\nkedro-datasets\n',
  'src/demo/settings.py': '',
  'conf/local/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://mlflow.example.com\n',
  Dockerfile: 'FROM python:3.11-slim\nCOPY . .\nRUN pip install -r requirements.txt\n',
};

/** `each(0)` and so on, a line each. */
function lines(count: number, each: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => each(index)).join('\n');
}

function files(count: number, each: (index: number) => readonly [path: string, text: string]): Files {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => each(index)));
}

async function check(own: Files): Promise<string[]> {
  const context = contextWith({ files: { ...PROJECT, ...own } });
  const { findings } = await checkProject({ model: context, settings: context.settings });
  return findings.map(({ message }) => message);
}

describe('the checks of a project that is large somewhere', function () {
  this.timeout(300_000);

  const cases: [what: string, size: number, project: (size: number) => Files][] = [
    [
      'dependencies in pyproject.toml',
      1200,
      (size) => ({
        'pyproject.toml': `[project]\ndependencies = [\n${lines(size, (at) => `"p${at}>=1.0",`)}\n]\n${KEDRO}`,
        Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN pip install .\n',
      }),
    ],
    [
      'extras',
      300,
      (size) => ({
        'pyproject.toml': `[project.optional-dependencies]\n${lines(size, (at) => `x${at} = ["p${at}"]`)}\n${KEDRO}`,
      }),
    ],
    [
      'dependency groups that include the next one',
      100,
      (size) => ({
        'pyproject.toml': `[dependency-groups]\n${lines(size, (at) => `g${at} = ["p${at}", {include-group = "g${at + 1}"}]`)}\n${KEDRO}`,
      }),
    ],
    [
      'dependencies of Poetry',
      500,
      (size) => ({
        'pyproject.toml': `[tool.poetry.dependencies]\n${lines(size, (at) => `p${at} = "^1.${at}"`)}\n${KEDRO}`,
      }),
    ],
    [
      'extras of Poetry',
      300,
      (size) => ({
        'pyproject.toml': `[tool.poetry.dependencies]\n${lines(size, (at) => `p${at} = {version = "1", optional = true}`)}\n[tool.poetry.extras]\n${lines(size, (at) => `x${at} = ["p${at}"]`)}\n${KEDRO}`,
      }),
    ],
    [
      'groups of Poetry',
      300,
      (size) => ({
        'pyproject.toml': `${lines(size, (at) => `[tool.poetry.group.g${at}.dependencies]\np${at} = "1"`)}\n${KEDRO}`,
      }),
    ],
    [
      'compiled requirements',
      1000,
      (size) => ({
        'requirements.in': lines(size, (at) => `p${at}>=1`),
        'requirements.txt': lines(size, (at) => `p${at}==1.${at}`),
      }),
    ],
    [
      'requirements files that are installed one after the other',
      80,
      (size) => ({
        Dockerfile: `FROM python:3.11\nCOPY . .\n${lines(size, (at) => `RUN pip install -r r${at}.txt`)}\n`,
        ...files(size, (at) => [`r${at}.txt`, lines(20, (line) => `p${at}x${line}==1`)]),
      }),
    ],
    [
      'lines for one package',
      100,
      (size) => ({
        'requirements.txt': lines(size, (at) => `kedro>=0.${at}`),
        'more.txt': lines(size, (at) => `kedro<=2.${at}`),
        Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN pip install -r requirements.txt\nRUN pip install -r more.txt\n',
      }),
    ],
    ['keys in a YAML file', 2000, (size) => ({ 'conf/base/globals.yml': lines(size, (at) => `g${at}: v${at}`) })],
    [
      'datasets in the catalog',
      400,
      (size) => ({ 'conf/base/catalog.yml': lines(size, (at) => `e${at}: {type: pandas.CSVDataset, filepath: f}`) }),
    ],
    [
      'patterns in .dockerignore',
      300,
      (size) => ({
        '.dockerignore': lines(size, (at) => `*/x${at}/**\n!a/**/b${at}*`),
        ...files(300, (at) => [`d${at}/f${at}`, 'x']),
      }),
    ],
    [
      'packages in a lock file',
      400,
      (size) => ({
        'uv.lock': `version = 1\n${lines(size, (at) => `[[package]]\nname = "p${at}"\nversion = "1.${at}"\ndependencies = [{ name = "p${at + 1}" }]`)}\n`,
        Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN uv sync --frozen\n',
      }),
    ],
    [
      'stages in the Dockerfile',
      60,
      (size) => ({
        Dockerfile: `FROM python:3.11 AS s0\nCOPY . .\n${lines(size, (at) => `FROM python:3.11 AS s${at + 1}\nCOPY --from=s${at} / /\nRUN pip install p${at}`)}\n`,
      }),
    ],
  ];
  for (const [what, size, project] of cases) {
    it(`take time in proportion to it: ${what}`, async () => {
      const growth = await growthOf((count) => check(project(count)), size);
      // In proportion it is 4, and 16 where each is compared with each.
      expect(growth).to.be.below(10);
    });
  }

  it('end at a limit with a sentence: more dependencies than anybody writes', async () => {
    const messages = await check({
      'pyproject.toml': `[project]\ndependencies = [${'"p",'.repeat(20_001)}]\n${KEDRO}`,
      Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN pip install .\n',
    });
    expect(messages).to.include('pyproject.toml exceeds the limit of 20000 dependencies; the rest was not read');
  });

  it('end at a limit with a sentence: dependency groups that all include each other', async () => {
    const all = lines(250, (at) => `{include-group = "g${at}"},`);
    const messages = await check({
      'pyproject.toml': `[dependency-groups]\n${lines(250, (at) => `g${at} = ["p", ${all.replaceAll('\n', '')}]`)}\n${KEDRO}`,
      Dockerfile: 'FROM python:3.11\nCOPY . .\nRUN pip install .\n',
    });
    expect(messages).to.include('pyproject.toml exceeds the limit of 20000 dependencies; the rest was not read');
  });

  it('end at a limit with a sentence: patterns that take too long on too many files', async () => {
    const messages = await check({
      '.dockerignore': lines(200, (at) => `**/${'?*'.repeat(100 + (at % 90))}b/[c]`),
      ...files(400, (at) => [`${'a'.repeat(200)}b/${at}`, 'x']),
    });
    expect(messages.join('\n')).to.contain(
      '.dockerignore has too many patterns for the number of files in the project',
    );
  });
});
