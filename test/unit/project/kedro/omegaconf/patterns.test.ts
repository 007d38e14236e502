import { expect } from 'chai';
import { isPlainPattern, matchingFiles, MLFLOW_PATTERNS } from '../../../../../src/project/kedro/omegaconf/patterns.js';

describe('matchingFiles', () => {
  const FILES = [
    'mlflow.yml',
    'mlflow.json',
    'mlflow.yml.bak',
    'mlflow',
    'my_mlflow.yml',
    'mlflow/a.yml',
    'mlflow/b/c.yaml',
    'a/mlflow.yml',
    'a/b/mlflow_x.yml',
    '.mlflow.yml',
    '.a/mlflow.yml',
    'mlflow/.yml',
    'globals.yml',
    'a/globals.yml',
    'MLFLOW.yml',
  ];

  const cases: [patterns: readonly string[], expected: string[]][] = [
    [
      MLFLOW_PATTERNS,
      ['mlflow.yml', 'mlflow.json', 'mlflow/a.yml', 'mlflow/b/c.yaml', 'a/mlflow.yml', 'a/b/mlflow_x.yml'],
    ],
    [['globals.yml'], ['globals.yml']],
    [['**/globals.yml'], ['globals.yml', 'a/globals.yml']],
    [['*'], ['mlflow.yml', 'mlflow.json', 'my_mlflow.yml', 'globals.yml', 'MLFLOW.yml']],
    [['*/*'], ['mlflow/a.yml', 'a/mlflow.yml', 'a/globals.yml']],
    [['ml?low.yml'], ['mlflow.yml']],
    [['a/**'], ['a/mlflow.yml', 'a/b/mlflow_x.yml', 'a/globals.yml']],
    [[], []],
  ];
  for (const [patterns, expected] of cases) {
    it(`finds for ${JSON.stringify(patterns)} what fsspec would`, () => {
      const found = matchingFiles(
        'conf/local',
        FILES.map((file) => `conf/local/${file}`),
        patterns,
      );
      expect(found).to.deep.equal(expected.map((file) => `conf/local/${file}`));
    });
  }

  for (const pattern of ['mlflow*', '**', 'a/**/b?.yml', 'a.b-c']) {
    it(`knows ${pattern}`, () => expect(isPlainPattern(pattern)).to.equal(true));
  }
  for (const pattern of ['[ab]*', 'a**', '../a', 'a/./b', '/a', 'a//b', '', '{a,b}', 'a b']) {
    it(`leaves ${pattern} to Kedro`, () => expect(isPlainPattern(pattern)).to.equal(false));
  }
});
