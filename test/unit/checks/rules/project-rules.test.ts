import { expect } from 'chai';
import { dockerfileReadable } from '../../../../src/checks/rules/dockerfile-readable.js';
import { kedroProject } from '../../../../src/checks/rules/kedro-project.js';
import { requirementsReadable } from '../../../../src/checks/rules/requirements-readable.js';
import { contextWith, findingsOf } from '../../../support/check-rule.js';

describe('kedro-project', () => {
  it('is content with what kedro new makes', async () => {
    expect(await findingsOf(kedroProject, { files: { 'src/demo/settings.py': '' } })).to.deep.equal([]);
  });

  it('reports a package that is not where pyproject.toml says', async () => {
    expect(await findingsOf(kedroProject, { files: { 'src/other/settings.py': '' } })).to.deep.equal([
      'error pyproject.toml: there is no src/demo/settings.py, although pyproject.toml names the package demo',
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
      '[tool.kedro] in pyproject.toml lacks kedro_init_version, without which Kedro does not start',
    ]);
  });
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
      [/^error: there is no docker\/Dockerfile in the project$/],
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
  it('reports what pip would stumble over, where it stands', async () => {
    const files = {
      'requirements.txt': 'kedro\nnot a requirement\n-r missing.txt\n-r ../x.txt\n-r requirements.txt\n',
    };
    expect(await findingsOf(requirementsReadable, { files })).to.deep.equal([
      'warning requirements.txt:2: requirements.txt:2 is not a requirement that pip can read',
      'error requirements.txt:3: requirements.txt:3 includes missing.txt, which does not exist',
      'error requirements.txt:4: requirements.txt:4 includes ../x.txt, which lies outside the project and so never reaches the image',
      'warning requirements.txt:5: requirements.txt:5 includes requirements.txt, which is already being read',
    ]);
  });

  it('reports the requirements.txt that kedro docker needs and the project lacks', async () => {
    expect(await findingsOf(requirementsReadable, {})).to.deep.equal([
      'error requirements.txt: the Dockerfile installs requirements.txt, which does not exist',
    ]);
  });

  it('does not look into files that are not installed', async () => {
    expect(
      await findingsOf(requirementsReadable, {
        files: { 'requirements.txt': '', 'src/requirements.txt': '-r missing.txt' },
      }),
    ).to.deep.equal([]);
  });
});
