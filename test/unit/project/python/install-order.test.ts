import { expect } from 'chai';
import { readDockerfile } from '../../../../src/project/dockerfile/dockerfile.js';
import { conflictsAmong } from '../../../../src/project/python/compatibility.js';
import { readProjectRequirements } from '../../../../src/project/python/project-requirements.js';
import { memorySource } from '../../../support/memory-source.js';

async function installed(requirements: string, ...runs: string[]) {
  const lines = ['FROM python:3.11', 'COPY requirements.txt /r.txt', 'RUN pip install -r /r.txt', ...runs];
  const source = memorySource({ 'requirements.txt': requirements, Dockerfile: lines.join('\n') });
  const dockerfile = await readDockerfile({ source, file: 'Dockerfile' });
  if (dockerfile === undefined) throw new Error('no Dockerfile');
  return (await readProjectRequirements(source, dockerfile, { pythonVersion: '3.11' })).installed;
}

const OLD = 'kedro==0.19.15\nkedro-mlflow==0.14.5\nmlflow==2.22.0\n';

describe('what a later installation makes of an earlier one', () => {
  const cases: [name: string, requirements: string, runs: string[], expected: string[]][] = [
    ['another version replaces the first', OLD, ['RUN pip install kedro==1.7.0'], ['kedro==1.7.0']],
    [
      'a range that the version is in changes nothing',
      OLD,
      ['RUN pip install "kedro<1"'],
      ['kedro==0.19.15', 'kedro<1'],
    ],
    ['a name changes nothing', OLD, ['RUN pip install kedro'], ['kedro==0.19.15', 'kedro']],
    ['an upgrade takes the newest', OLD, ['RUN pip install --upgrade kedro'], ['kedro (upgraded)']],
    ['one letter among others is an upgrade', OLD, ['RUN pip install -qU "kedro<1"'], ['kedro<1 (upgraded)']],
    ['so it is with uv', OLD, ['RUN uv pip install --system -U kedro'], ['kedro (upgraded)']],
    [
      'and in the words of the JSON form',
      OLD,
      ['RUN ["python", "-m", "pip", "install", "-U", "kedro"]'],
      ['kedro (upgraded)'],
    ],
    ['and later in the same RUN', '', ['RUN pip install kedro==1.0 && pip install -U kedro'], ['kedro (upgraded)']],
    [
      'a strategy alone upgrades nothing',
      OLD,
      ['RUN pip install --upgrade-strategy eager kedro'],
      ['kedro==0.19.15', 'kedro'],
    ],
    [
      'an eager upgrade takes what is needed along',
      OLD,
      ['RUN pip install -U --upgrade-strategy eager kedro-mlflow'],
      ['kedro>=1.0.0,<2.0.0 (upgraded)'],
    ],
    [
      'an upgrade that needs another Kedro takes it along',
      OLD,
      ['RUN pip install kedro-mlflow==2.0.3'],
      ['kedro>=1.0.0,<2.0.0 (upgraded)'],
    ],
    ['an upgrade of something else leaves it', OLD, ['RUN pip install -U pip setuptools'], ['kedro==0.19.15']],
    [
      'two packages of one command are chosen together',
      '',
      ['RUN pip install "kedro>=0.19" "kedro<1"'],
      ['kedro>=0.19', 'kedro<1'],
    ],
    [
      'a marker may exclude it',
      OLD,
      ['RUN pip install "kedro==1.7.0; python_version < \'4\'"'],
      ['kedro==0.19.15', 'kedro==1.7.0'],
    ],
  ];
  for (const [name, requirements, runs, expected] of cases)
    it(name, async () => {
      const kedro = (await installed(requirements, ...runs)).filter((each) => each.name === 'kedro');
      expect(
        kedro.map(({ specifier, isUpgraded }) => `kedro${specifier}${isUpgraded === true ? ' (upgraded)' : ''}`),
      ).to.deep.equal(expected);
    });

  const conflicts: [name: string, requirements: string, run: string, expected: string[]][] = [
    [
      'an upgraded Kedro that is too new',
      OLD,
      'RUN pip install --upgrade kedro',
      ['kedro-mlflow needs kedro >=0.19.0,<0.20.0; asked: >=1.1.0'],
    ],
    [
      'an upgraded MLflow that is too new',
      OLD,
      'RUN pip install -U mlflow',
      ['kedro-mlflow needs mlflow >=2.7.0,<3.0.0; asked: >=3.0.0'],
    ],
    [
      'one that another package takes along',
      OLD,
      'RUN pip install kedro-datasets==9.0.0',
      ['kedro-mlflow needs kedro >=0.19.0,<0.20.0; asked: >=1.0.0rc1,<2.0.0,>=1.1.0'],
    ],
    [
      'a Kedro with which runs fail',
      'kedro==1.1.0\nkedro-mlflow==1.0.2\n',
      'RUN pip install -U kedro',
      ['kedro-mlflow needs kedro >=1.0.0,<1.2.0; asked: >=1.1.0'],
    ],
    ['an upgrade within limits', OLD, 'RUN pip install -U "kedro<1"', []],
    ['an upgrade that pip makes fit', OLD, 'RUN pip install kedro-mlflow==2.0.3', []],
    ['an upgrade of everything', OLD, 'RUN pip install -U kedro kedro-mlflow mlflow', []],
  ];
  for (const [name, requirements, run, expected] of conflicts)
    it(`is judged for compatibility: ${name}`, async () => {
      const found = conflictsAmong(await installed(requirements, run), '3.11');
      expect(
        found.map(
          ({ declaration, needs, asked }) =>
            `${declaration.name} needs ${needs.map((each) => `${each.name} ${each.specifier}`).join()}; asked: ${asked.map((each) => each.specifier).join()}`,
        ),
      ).to.deep.equal(expected);
    });
});
