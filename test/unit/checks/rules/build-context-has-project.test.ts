import { expect } from 'chai';
import { buildContextHasProject } from '../../../../src/checks/rules/build-context-has-project.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

const PROJECT = {
  'pyproject.toml': '[tool.kedro]',
  'requirements.txt': 'kedro',
  'conf/base/catalog.yml': '',
  'conf/base/parameters.yml': '',
  'src/demo/settings.py': '',
  'src/demo/nodes.py': '',
};
const findings = async (ignore: string, files: Record<string, string> = {}) =>
  findingsOf(buildContextHasProject, { files: { ...PROJECT, '.dockerignore': ignore, ...files } });

describe('build-context-has-project', () => {
  const cases: [ignore: string, left: string][] = [
    ['requirements*', 'requirements.txt, which Dockerfile installs'],
    ['*.toml', 'pyproject.toml, which Kedro needs to find the project'],
    ['conf', 'conf/base, which Kedro needs to start'],
    ['**/base/*', 'conf/base, which Kedro needs to start'],
    ['src', "src/demo, the project's code"],
  ];
  for (const [ignore, left] of cases) {
    it(`reports ${ignore}`, async () =>
      expect(await findings(ignore)).to.deep.equal([`error .dockerignore: .dockerignore excludes ${left}`]));
  }

  const WHOLE = 'FROM python:3.11\nWORKDIR /app\nCOPY . .\n';
  const fine: [name: string, ignore: string, files?: Record<string, string>][] = [
    ['kedro docker’s', 'conf/local\nconf/**/*credentials*\ndata\nlogs\nnotebooks\n'],
    ['what is brought back', '*\n!src\n!conf\n!pyproject.toml\n!requirements.txt'],
    ['one file of several', 'conf/base/catalog.yml\nsrc/demo/nodes.py'],
    ['a project that is installed as a package', 'src', { Dockerfile: `${WHOLE}RUN pip install dist.whl .` }],
    [
      'a project that a RUN fetches',
      '*',
      { Dockerfile: 'FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN git clone x .' },
    ],
    ['a Dockerfile that copies none of it', '*', { Dockerfile: 'FROM python:3.11\nRUN pip install kedro' }],
    [
      'another base environment',
      'conf/base',
      { 'src/demo/settings.py': 'CONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "local"}' },
    ],
    ['settings that only Kedro can read', 'conf', { 'src/demo/settings.py': 'CONF_SOURCE = where()' }],
  ];
  for (const [name, ignore, files] of fine)
    it(`is content with ${name}`, async () => expect(await findings(ignore, files)).to.deep.equal([]));

  describe('of what a COPY names, which stops the build', () => {
    const copying = (sources: string) => ({ Dockerfile: `FROM python:3.11\nWORKDIR /app\nCOPY ${sources} /app/\n` });
    const missing: [sources: string, ignore: string, what: string][] = [
      ['key.json', '*.json', 'key.json'],
      ['./key.json pyproject.toml', 'key.json', 'key.json'],
      ['src', 'src', 'src'],
      ['/src/', 'src', 'src'],
    ];
    for (const [sources, ignore, what] of missing) {
      it(`reports COPY ${sources} with ${ignore}`, async () =>
        expect(await findings(ignore, { 'key.json': '{}', ...copying(sources) })).to.deep.equal([
          `error .dockerignore: .dockerignore excludes ${what}, which line 3 of Dockerfile copies`,
        ]));
    }

    const content: [sources: string, ignore: string][] = [
      ['key*.json', 'key.json'],
      ['other.json', '*.json'],
      ['src', 'src/demo/nodes.py'],
      ['src', 'src\n!src/demo/settings.py'],
      ['https://example.com/key.json', '*.json'],
      ['--from=builder key.json', '*.json'],
    ];
    for (const [sources, ignore] of content)
      it(`is content with COPY ${sources} and ${JSON.stringify(ignore)}`, async () =>
        expect(await findings(ignore, { 'key.json': '{}', ...copying(sources) })).to.deep.equal([]));
  });

  it('reports a requirements file that is mounted', async () => {
    const Dockerfile = 'FROM python:3.11\nRUN --mount=type=bind,source=prod.txt,target=/r.txt pip install -r /r.txt';
    expect(await findings('*.txt', { 'prod.txt': 'kedro', Dockerfile })).to.deep.equal([
      'error .dockerignore: .dockerignore excludes prod.txt, which Dockerfile installs',
    ]);
  });

  it('says how to bring it back', async () => {
    const files = { ...PROJECT, '.dockerignore': 'src' };
    expect(await remediesOf(buildContextHasProject, { files })).to.deep.equal([
      'remove the pattern from .dockerignore, or add the line: !src/demo',
    ]);
  });
});
