import { expect } from 'chai';
import { shownCommand, shownLabel, shownVariable } from '../../../src/inspect/shown-value.js';

const TOKEN = `ghp_${'aB3d'.repeat(9)}`;

describe('what is shown of an image’s variables', () => {
  const cases: readonly [name: string, value: string, shown: string | null][] = [
    ['MLFLOW_TRACKING_URI', 'https://mlflow.acme.io', 'https://mlflow.acme.io'],
    ['KDEPLOY_RUN_NAME', '', ''],
    ['MLFLOW_TRACKING_URI', 'https://ada:hunter2@mlflow.acme.io', null],
    ['MLFLOW_EXPERIMENT_NAME', TOKEN, null],
    ['PATH', '/usr/bin', null],
    ['MLFLOW_TRACKING_URI2', 'https://mlflow.acme.io', null],
    ['mlflow_tracking_uri', 'https://mlflow.acme.io', null],
    ['MLFLOW_TRACKING_PASSWORD', 'hunter2', null],
    ['__proto__', 'a', null],
  ];
  for (const [name, value, shown] of cases) {
    it(`is ${shown === null ? 'no value' : `‘${shown}’`} of ${name}=${value}`, () => {
      expect(shownVariable(name, value)).to.equal(shown);
    });
  }
});

describe('what is shown of an image’s labels', () => {
  const cases: readonly [name: string, value: string, shown: string | null][] = [
    ['io.kdeploy.plan', 'sha256:p', 'sha256:p'],
    ['org.opencontainers.image.version', '1.2', '1.2'],
    ['org.opencontainers.image.source', 'https://ada:hunter2@github.com/a/b', null],
    ['org.opencontainers.image.source', 'https://4f2a9c8d7e6b5a@github.com/a/b', 'https://***@github.com/a/b'],
    ['org.opencontainers.image.vendor', 'acme', null],
    ['io.kdeploy.planned', 'a', null],
    ['maintainer', 'ada', null],
  ];
  for (const [name, value, shown] of cases) {
    it(`is ${shown === null ? 'no value' : `‘${shown}’`} of ${name}=${value}`, () => {
      expect(shownLabel(name, value)).to.equal(shown);
    });
  }
});

describe('what is shown of a command', () => {
  const cases: readonly [words: string[], shown: string[]][] = [
    [
      ['python', '-m', 'kdeploy_runtime'],
      ['python', '-m', 'kdeploy_runtime'],
    ],
    [
      ['serve', '--password', 'hunter2', 'a'],
      ['serve', '--password', '***', 'a'],
    ],
    [
      ['serve', '--api-token=abc', 'a=b'],
      ['serve', '--api-token=***', 'a=b'],
    ],
    [
      ['serve', '--password=', 'a'],
      ['serve', '--password=', 'a'],
    ],
    [
      ['serve', '--token-file', '/run/t'],
      ['serve', '--token-file', '/run/t'],
    ],
    [
      ['serve', 'password', 'is a word'],
      ['serve', 'password', 'is a word'],
    ],
    [
      ['serve', 'https://ada:hunter2@host'],
      ['serve', 'https://***@host'],
    ],
    [
      ['serve', TOKEN],
      ['serve', '***'],
    ],
    [
      ['env', 'PGPASSWORD=hunter2', 'serve'],
      ['env', 'PGPASSWORD=***', 'serve'],
    ],
    [[], []],
  ];
  for (const [words, shown] of cases) {
    it(`is ${JSON.stringify(shown)} of ${JSON.stringify(words)}`, () => {
      expect(shownCommand(words)).to.deep.equal(shown);
    });
  }
});
