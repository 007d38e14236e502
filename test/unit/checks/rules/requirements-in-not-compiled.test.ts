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
        'error requirements.in:2: kedro-mlflow is in requirements.in but not in requirements.txt, and that is the file that images are built from',
      ],
    ],
    [
      'no .txt at all',
      { 'src/requirements.in': 'kedro-mlflow' },
      [
        'error src/requirements.in:1: kedro-mlflow is in src/requirements.in but src/requirements.txt does not exist, and that is the file that images are built from',
      ],
    ],
    [
      'other packages missing',
      { 'requirements.in': 'a\nb\nc\nd\nkedro', 'requirements.txt': 'kedro==1' },
      ['warning requirements.in:1: requirements.txt is older than requirements.in: it lacks a, b, c and others'],
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
        'warning requirements.in:2: requirements.txt is older than requirements.in: it has kedro-mlflow==1.0.2, and requirements.in asks for >=2',
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
        'error requirements/base.in:1: kedro-mlflow is in requirements/base.in but not in requirements/base.txt, and that is the file that images are built from',
      ],
    ],
    ['a .in without kedro-mlflow and no .txt', { 'requirements.in': 'kedro' }, []],
  ];
  for (const [name, files, expected] of cases) {
    it(`${name}: ${expected.length === 0 ? 'fine' : 'reported'}`, async () =>
      expect(await findingsOf(requirementsInNotCompiled, { files })).to.deep.equal(expected));
  }

  it('gives the command', async () => {
    expect(
      await remediesOf(requirementsInNotCompiled, { files: { 'src/requirements.in': 'kedro-mlflow' } }),
    ).to.deep.equal(['pip-compile src/requirements.in --output-file src/requirements.txt']);
  });
});
