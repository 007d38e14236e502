import { expect } from 'chai';
import { pythonVersionAllowed } from '../../../../src/checks/rules/python-version-allowed.js';
import { findingsOf } from '../../../support/check-rule.js';

describe('python-version-allowed', () => {
  const cases: [python: string, requires: string, allowed: boolean][] = [
    ['3.9-slim', '>=3.10', false],
    ['3.12', '>=3.9,<3.12', false],
    ['3.11', '>=3.11.5', true],
    ['3.11', '<3.11.1', true],
    ['3.11', '<=3.10', false],
    ['3.11', '!=3.11.*', false],
    ['3.11', '~=3.10', true],
    ['3.11', '==3.10.*', false],
    ['3.11.4', '>=3.11.5', false],
    ['3.11.5', '>=3.11.5', true],
    ['slim', '>=3.12', true],
    ['3.9', 'not a range', true],
  ];
  for (const [tag, requires, allowed] of cases) {
    it(`python:${tag} is ${allowed ? 'fine' : 'refused'} with ${requires}`, async () => {
      const files = {
        'pyproject.toml': `[project]\nrequires-python = "${requires}"`,
        Dockerfile: `FROM python:${tag}`,
      };
      expect(await findingsOf(pythonVersionAllowed, { files })).to.deep.equal(
        allowed
          ? []
          : [
              `warning pyproject.toml:2: python:${tag} has Python ${tag.replace('-slim', '')}, but pyproject.toml allows ${requires}`,
            ],
      );
    });
  }

  const poetry: [python: string, constraint: string, allowed: boolean][] = [
    ['3.9', '^3.10', false],
    ['3.12', '^3.10', true],
    ['3.11', '~3.10', false],
    ['3.10', '~3.10.2', true],
    ['3.9', '>=3.10 <4.0', false],
    ['3.12', '~3.10 || ~3.12', true],
    ['3.11', '~3.10 || ~3.12', false],
    ['3.11', '*', true],
  ];
  for (const [version, constraint, allowed] of poetry) {
    it(`Python ${version} is ${allowed ? 'fine' : 'refused'} with Poetry’s ${constraint}`, async () => {
      const files = {
        'pyproject.toml': `[tool.poetry.dependencies]\npython = "${constraint}"`,
        Dockerfile: `FROM python:${version}`,
      };
      expect(await findingsOf(pythonVersionAllowed, { files })).to.have.length(allowed ? 0 : 1);
    });
  }

  it('is an error where the project itself is installed, which pip and Poetry then refuse; uv fetches another Python', async () => {
    const severity = async (run: string) => {
      const Dockerfile = `FROM python:3.9\nCOPY . .\nRUN ${run}`;
      const files = { 'pyproject.toml': '[project]\nrequires-python = ">=3.10"', Dockerfile };
      return (await findingsOf(pythonVersionAllowed, { files }))[0]?.split(' ')[0];
    };
    expect(await severity('pip install .')).to.equal('error');
    expect(await severity('poetry install')).to.equal('error');
    expect(await severity('uv sync')).to.equal('warning');
    expect(await severity('pip install -r requirements.txt')).to.equal('warning');
  });

  it('goes by image.base where kedro docker writes the Dockerfile', async () => {
    const files = { 'pyproject.toml': '[project]\nrequires-python = ">=3.10"' };
    const settings = { image: { base: 'python:3.9-slim' } };
    expect(await findingsOf(pythonVersionAllowed, { files, settings })).to.have.length(1);
    expect(await findingsOf(pythonVersionAllowed, { files })).to.deep.equal([]);
  });

  it('says nothing without a range, or for a pyproject.toml that is not TOML', async () => {
    for (const pyproject of ['[project]', '[project', '[project]\nrequires-python = 3'])
      expect(
        await findingsOf(pythonVersionAllowed, {
          files: { 'pyproject.toml': pyproject, Dockerfile: 'FROM python:3.9' },
        }),
      ).to.deep.equal([]);
  });
});
