import { expect } from 'chai';
import { versionsCompatible } from '../../../../src/checks/rules/versions-compatible.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

describe('versions-compatible', () => {
  const cases: [name: string, requirements: string, expected: string[], base?: string][] = [
    ['no limits', 'kedro\nkedro-mlflow\nmlflow\nkedro-datasets', []],
    ['limits that fit', 'kedro~=1.7.0\nkedro-mlflow==2.0.3\nmlflow>=3,<4\nkedro-datasets~=9.0', []],
    ['an older set that fits', 'kedro==0.19.15\nkedro-mlflow==0.14.5\nmlflow==2.22.0\nkedro-datasets==7.0.0', []],
    ['kedro-mlflow without a limit beside an old Kedro', 'kedro==0.19.5\nkedro-mlflow', []],
    ['a pre-release within the limits', 'kedro>=1.0.0rc1\nkedro-mlflow==2.0.3', []],
    [
      'a new kedro-mlflow and an old Kedro',
      'kedro==0.19.15\nkedro-mlflow==2.0.3\n',
      ['error requirements.txt:2: kedro-mlflow==2.0.3 needs kedro >=1.0.0,<2.0.0, but the image has kedro ==0.19.15'],
    ],
    [
      'a new kedro-mlflow, and two packages that are too old',
      'kedro<1\nmlflow~=2.10\nkedro-mlflow~=2.0\n',
      [
        'error requirements.txt:3: kedro-mlflow~=2.0 needs kedro >=1.0.0,<2.0.0 and mlflow >=3.0.0,<4.0.0, but the image has kedro <1 and mlflow ~=2.10',
      ],
    ],
    [
      'packages between which no kedro-mlflow of several can be found',
      'kedro==0.19.15\nmlflow==3.1.0\nkedro-mlflow<2.1\n',
      // kedro-mlflow<2.1 allows what is older than the table too, of which nothing is known.
      [],
    ],
    [
      'the same with a lower end',
      'kedro==0.19.15\nmlflow==3.1.0\nkedro-mlflow>=0.14,<2.1\n',
      [
        'error requirements.txt:3: no version that kedro-mlflow>=0.14,<2.1 allows works with mlflow ==3.1.0 and kedro ==0.19.15',
      ],
    ],
    [
      'limits that only a version to come could meet',
      'kedro==0.19.15\nkedro-mlflow>=2\n',
      ['warning requirements.txt:2: kedro-mlflow>=2 needs kedro >=1.0.0,<2.0.0, but the image has kedro ==0.19.15'],
    ],
    [
      'a kedro-mlflow that installs with this Kedro and breaks at run time',
      'kedro==1.7.0\nkedro-mlflow==2.0.1\n',
      [
        'error requirements.txt:2: kedro-mlflow==2.0.1 can be installed, but every run with kedro ==1.7.0 fails: kedro-mlflow before 2.0.2 reads a run parameter that Kedro 1.2 renamed',
      ],
    ],
    [
      'the same with ranges that hold no version that works',
      'kedro>=1.2\nkedro-mlflow~=1.0\nmlflow<3\n',
      [
        'error requirements.txt:2: kedro-mlflow~=1.0 can be installed, but every run with kedro >=1.2 fails: kedro-mlflow before 2.0.2 reads a run parameter that Kedro 1.2 renamed',
      ],
    ],
    [
      'a kedro-mlflow that breaks with the Kedro that pip will choose',
      'kedro~=1.0\nkedro-mlflow==1.0.2\n',
      [
        'warning requirements.txt:2: kedro-mlflow==1.0.2 can be installed, but pip will install a kedro with which every run fails: kedro-mlflow before 2.0.2 reads a run parameter that Kedro 1.2 renamed',
      ],
    ],
    ['the last Kedro before the run parameter was renamed', 'kedro==1.1.1\nkedro-mlflow==2.0.1', []],
    ['a Kedro with a limit below it', 'kedro<1.2\nkedro-mlflow==1.0.2', []],
    ['the first kedro-mlflow that reads the new run parameter', 'kedro==1.7.0\nkedro-mlflow==2.0.2', []],
    ['a range that holds such a kedro-mlflow', 'kedro==1.7.0\nkedro-mlflow~=2.0', []],
    ['a kedro-mlflow that is newer than the table', 'kedro==0.19.15\nkedro-mlflow==7.0\n', []],
    [
      'new datasets and an old Kedro',
      'kedro~=0.19.0\nkedro-datasets==9.0.0\n',
      [
        'error requirements.txt:2: kedro-datasets==9.0.0 needs kedro >=1.0.0rc1,<2.0.0, but the image has kedro ~=0.19.0',
      ],
    ],
    [
      'a Python that is too old',
      'kedro-mlflow==2.0.3\n',
      ['error requirements.txt:1: kedro-mlflow==2.0.3 needs Python >=3.10, but the image has Python >=3.9,<3.10'],
      'python:3.9-slim',
    ],
    ['a Python that is new enough', 'kedro-mlflow==2.0.3\n', [], 'python:3.10-slim'],
    [
      'a Python that is too new for an old kedro-mlflow',
      'kedro-mlflow==0.12.2\n',
      [
        'error requirements.txt:1: kedro-mlflow==0.12.2 needs Python >=3.8,<3.12, but the image has Python >=3.12,<3.13',
      ],
      'python:3.12',
    ],
    [
      'a requirement for another Python',
      'kedro==0.19.15 ; python_version < "3"\nkedro-mlflow==2.0.3\n',
      [],
      'python:3.11',
    ],
    ['a condition that cannot be told', 'kedro==0.19.15 ; python_version < "3"\nkedro-mlflow==2.0.3\n', []],
    ['a lower end that is excluded', 'kedro>=0.18,!=0.19.15\nkedro-mlflow==2.0.3\n', []],
  ];
  for (const [name, text, expected, base] of cases) {
    it(`${name}: ${expected.length === 0 ? 'fine' : 'reported'}`, async () => {
      const files = { 'requirements.txt': text, ...(base === undefined ? {} : { Dockerfile: dockerfileOf(base) }) };
      expect(await findingsOf(versionsCompatible, { files })).to.deep.equal(expected);
    });
  }

  it('counts constraints as limits', async () => {
    const files = { 'requirements.txt': '-c limits.txt\nkedro-mlflow==2.0.3\n', 'limits.txt': 'kedro<1\n' };
    expect(await findingsOf(versionsCompatible, { files })).to.have.length(1);
  });

  it('says how to try versions', async () => {
    const files = { 'requirements.txt': 'kedro==0.19.15\nkedro-mlflow==2.0.3\n' };
    expect(await remediesOf(versionsCompatible, { files })).to.deep.equal([
      "change one of the versions until this succeeds: pip install --dry-run 'kedro-mlflow==2.0.3' 'kedro==0.19.15'",
    ]);
  });
});

function dockerfileOf(base: string): string {
  return `FROM ${base}\nCOPY requirements.txt /tmp/requirements.txt\nRUN pip install -r /tmp/requirements.txt\n`;
}
