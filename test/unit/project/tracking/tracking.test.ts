import { expect } from 'chai';
import type { TrackingConfig } from '../../../../src/project/tracking/tracking-config.js';
import { resolveTracking, sourceText, type Tracking } from '../../../../src/project/tracking/tracking.js';
import { settingsWith } from '../../../support/settings.js';

const FILE = 'conf/local/mlflow.yml';

function configWith(values: { tracking?: string; registry?: string; experiment?: string }): TrackingConfig {
  const placed = (value: string | undefined, line: number) =>
    value === undefined ? undefined : { value, place: { file: FILE, line } };
  return {
    document: {},
    files: [FILE],
    expectedFile: FILE,
    bakedFiles: [FILE],
    trackingUri: placed(values.tracking, 2),
    registryUri: placed(values.registry, 3),
    experimentName: placed(values.experiment, 7),
    placeOf: () => ({ file: FILE }),
    resolvedBy: 'kdeploy',
  };
}

interface Given {
  readonly setting?: string;
  readonly config?: { tracking?: string; registry?: string; experiment?: string };
  readonly environment?: Record<string, string>;
  readonly experiment?: string;
}

function resolve({ setting, config, environment = {}, experiment }: Given): Tracking {
  return resolveTracking({
    settings: settingsWith({
      mlflow: { enabled: true, trackingUri: setting ?? null },
      runConfig: { experimentName: experiment ?? null },
    }),
    config: config === undefined ? undefined : configWith(config),
    processEnvironment: environment,
    packageName: 'demo',
  });
}

describe('resolveTracking', () => {
  const cases: [name: string, given: Given, uri: string | undefined, from: string | undefined][] = [
    [
      'settings before all else',
      { setting: 'http://a', config: { tracking: 'http://b' }, environment: { MLFLOW_TRACKING_URI: 'http://c' } },
      'http://a',
      'the setting mlflow.tracking_uri',
    ],
    [
      'mlflow.yml before the shell',
      { config: { tracking: 'http://b' }, environment: { MLFLOW_TRACKING_URI: 'http://c' } },
      'http://b',
      `${FILE}:2`,
    ],
    [
      'the shell last',
      { config: {}, environment: { MLFLOW_TRACKING_URI: 'http://c' } },
      'http://c',
      'the environment variable MLFLOW_TRACKING_URI',
    ],
    [
      'the shell without any mlflow.yml',
      { environment: { MLFLOW_TRACKING_URI: ' http://c ' } },
      'http://c',
      'the environment variable MLFLOW_TRACKING_URI',
    ],
    [
      'nothing for empty values',
      { setting: '', config: { tracking: ' ' }, environment: { MLFLOW_TRACKING_URI: '' } },
      undefined,
      undefined,
    ],
  ];
  for (const [name, given, uri, from] of cases) {
    it(`takes ${name}`, () => {
      const tracking = resolve(given);
      expect(tracking.uri).to.equal(uri);
      expect(tracking.source && sourceText(tracking.source)).to.equal(from);
    });
  }

  const registries: [name: string, given: Given, expected: string | undefined][] = [
    ['mlflow.yml’s own', { config: { tracking: 'http://a', registry: 'http://r' } }, 'http://r'],
    [
      'mlflow.yml’s own, also when the tracking URI is overridden',
      { setting: 'http://b', config: { tracking: 'http://a', registry: 'http://r' } },
      'http://r',
    ],
    ['none where it repeats the tracking URI', { config: { tracking: 'http://a', registry: 'http://a' } }, undefined],
    [
      'none where it repeats a tracking URI that is overridden',
      { setting: 'http://b', config: { tracking: 'http://a', registry: 'http://a' } },
      undefined,
    ],
    [
      'none where the override equals it',
      { setting: 'http://r', config: { tracking: 'http://a', registry: 'http://r' } },
      undefined,
    ],
    [
      'the shell’s, with the shell’s server',
      { environment: { MLFLOW_TRACKING_URI: 'http://a', MLFLOW_REGISTRY_URI: 'http://r' } },
      'http://r',
    ],
    [
      'not the shell’s, with another server',
      { setting: 'http://b', environment: { MLFLOW_REGISTRY_URI: 'http://r' } },
      undefined,
    ],
  ];
  for (const [name, given, expected] of registries) {
    it(`has as registry ${name}`, () => {
      expect(resolve(given).registryUri).to.equal(expected);
      expect(resolve(given).registrySource === undefined).to.equal(expected === undefined);
    });
  }

  it('takes the experiment from settings, then mlflow.yml, then the package, as kedro-mlflow does', () => {
    expect(resolve({ experiment: 'a', config: { experiment: 'b' } }).experiment).to.equal('a');
    expect(resolve({ config: { experiment: 'b' } }).experiment).to.equal('b');
    expect(resolve({}).experiment).to.equal('demo');
  });
});
