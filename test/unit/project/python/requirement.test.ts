import { expect } from 'chai';
import fc from 'fast-check';
import { normaliseName } from '../../../../src/project/python/name.js';
import { parseRequirement } from '../../../../src/project/python/requirement.js';

describe('normaliseName', () => {
  for (const name of ['kedro-mlflow', 'Kedro_MLflow', 'kedro.mlflow', 'KEDRO--MLFLOW', 'kedro-_.mlflow']) {
    it(`knows ${name} for kedro-mlflow`, () => expect(normaliseName(name)).to.equal('kedro-mlflow'));
  }

  it('tells kedromlflow apart', () => expect(normaliseName('kedromlflow')).to.equal('kedromlflow'));

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(normaliseName(normaliseName(name))).to.equal(normaliseName(name));
      }),
    );
  });
});

describe('parseRequirement', () => {
  const cases: [text: string, name: string, specifier: string, extras: string[]][] = [
    ['kedro-mlflow', 'kedro-mlflow', '', []],
    ['kedro_mlflow==0.12.1', 'kedro-mlflow', '==0.12.1', []],
    ['Kedro.MLflow >= 2.0 , < 3', 'kedro-mlflow', '>=2.0,<3', []],
    ['kedro-mlflow (>=2)', 'kedro-mlflow', '>=2', []],
    ['kedro-mlflow>=2,', 'kedro-mlflow', '>=2', []],
    ['kedro-mlflow==2.*', 'kedro-mlflow', '==2.*', []],
    ['kedro-mlflow===2.0+local', 'kedro-mlflow', '===2.0+local', []],
    ['kedro-mlflow~=1!2.0rc1', 'kedro-mlflow', '~=1!2.0rc1', []],
    [
      'kedro-datasets[pandas.CSVDataset, Pickle_Dataset]~=3.0',
      'kedro-datasets',
      '~=3.0',
      ['pandas-csvdataset', 'pickle-dataset'],
    ],
    ['kedro-datasets[]', 'kedro-datasets', '', []],
    ['x', 'x', '', []],
  ];
  for (const [text, name, specifier, extras] of cases) {
    it(text, () => {
      expect(parseRequirement(text)).to.deep.equal({ name, specifier, extras });
    });
  }

  it('reads a URL, and its marker only after a space, because a semicolon may belong to the URL', () => {
    expect(parseRequirement('kedro-mlflow[x] @ git+https://example.com/a.git@v1;b#egg=c')).to.deep.include({
      name: 'kedro-mlflow',
      extras: ['x'],
      url: 'git+https://example.com/a.git@v1;b#egg=c',
    });
    const marked = parseRequirement('a @ https://example.com/a.whl ; python_version < "3"');
    expect(marked?.url).to.equal('https://example.com/a.whl');
    expect(marked?.marker?.text).to.equal('python_version < "3"');
  });

  it('keeps the marker', () => {
    const requirement = parseRequirement('kedro-mlflow>=2;python_version>="3.10" and extra == \'x\'');
    expect(requirement?.specifier).to.equal('>=2');
    expect(requirement?.marker?.tree).to.have.property('kind', 'and');
  });

  for (const text of [
    '',
    '-r other.txt',
    'kedro mlflow',
    'kedro-',
    '-kedro',
    'kedro=2',
    'kedro==',
    'kedro>2 <3',
    'kedro[x',
    './kedro',
    'https://example.com/x.whl',
    'kedro; python_version',
    'kedro;',
  ]) {
    it(`${JSON.stringify(text.slice(0, 40))} is no requirement`, () => {
      expect(parseRequirement(text)).to.equal(undefined);
    });
  }

  it('never throws', () => {
    const piece = fc.constantFrom(
      'a',
      'kedro',
      '-',
      '_',
      '.',
      '[',
      ']',
      '(',
      ')',
      ',',
      ';',
      '@',
      ' ',
      '==',
      '>=',
      '~=',
      '===',
      '1.0',
      '*',
      '"',
      "'",
      'python_version',
      ' and ',
      ' or ',
      'in',
      'not in',
      '#',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          parseRequirement(text);
        },
      ),
    );
  });

  it('takes linear time on text made to slow it down', () => {
    for (const text of [
      'a-'.repeat(2000),
      `a[${'b,'.repeat(1900)}`,
      `a${'>=1,'.repeat(1000)}!`,
      `a${' '.repeat(4000)}!`,
    ]) {
      expect(parseRequirement(text)).to.equal(undefined);
    }
  });
});
