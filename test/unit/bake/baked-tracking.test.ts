import { expect } from 'chai';
import { bakedTracking, type BakedTrackingInput } from '../../../src/bake/baked-tracking.js';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/config/settings/settings.js';
import type { Tracking } from '../../../src/project/tracking/tracking.js';
import type { TrackingConfig } from '../../../src/project/tracking/tracking-config.js';
import { rejection } from '../../support/rejection.js';
import { everythingIn } from '../places/registry/refusal.js';

const TRACKING: Tracking = {
  uri: 'https://mlflow.example.com',
  registryUri: undefined,
  experiment: 'flights',
  source: { kind: 'mlflow.yml', place: { file: 'conf/local/mlflow.yml', line: 12 } },
  registrySource: undefined,
};

const CONFIG = {
  document: { ui: { port: '1' } },
  bakedFiles: ['conf/local/tracking.yml', 'conf/local/tracking_ui.yml'],
} as unknown as TrackingConfig;

const bake = (
  changes: Partial<BakedTrackingInput> = {},
  authentication: Settings['runConfig']['authentication'] = [],
) =>
  bakedTracking({
    settings: { ...DEFAULT_SETTINGS, runConfig: { ...DEFAULT_SETTINGS.runConfig, authentication } },
    tracking: TRACKING,
    trackingConfig: CONFIG,
    mlflowFile: 'conf/local/mlflow.yml',
    kdeployVersion: '1.0.0',
    ...changes,
  });

describe('what is baked about tracking', () => {
  it('is nothing for an image that is built without', async () => {
    expect(await bake({ tracking: undefined })).to.equal(undefined);
  });

  it('is the address, the experiment, mlflow.yml and the runtime', async () => {
    const baked = await bake();
    expect(baked).to.deep.include({
      uri: 'https://mlflow.example.com',
      registryUri: undefined,
      experiment: 'flights',
      authenticationTypes: [],
      authentication: undefined,
      signsRequests: false,
    });
    expect(baked?.mlflowYaml).to.contain('port: "1"');
    expect(baked?.mlflowFiles).to.deep.equal(['conf/local/tracking.yml', 'conf/local/tracking_ui.yml']);
    expect(baked?.runtime.map(({ path }) => path)).to.include('kdeploy_runtime-1.0.0.dist-info/METADATA');
  });

  it('is authentication by names, where there is any', async () => {
    const baked = await bake({}, [
      { type: 'GoogleOAuth2', audience: null, header: 'Authorization' },
      { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] },
    ]);
    expect(baked?.authenticationTypes).to.deep.equal(['GoogleOAuth2', 'Vars']);
    expect(JSON.parse(baked?.authentication ?? ''))
      .to.have.property('types')
      .with.lengthOf(2);
    expect(baked?.signsRequests).to.equal(true);
  });

  it('is a complete mlflow.yml also when the project’s could not be read', async () => {
    const baked = await bake({ trackingConfig: undefined });
    expect(baked?.mlflowYaml).to.contain('name: flights');
    expect(baked?.mlflowFiles).to.deep.equal(['conf/local/mlflow.yml']);
  });

  it('is refused when no server is configured: the image would log nowhere', async () => {
    const error = await rejection(bake({ tracking: { ...TRACKING, uri: undefined } }));
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      'no MLflow server is configured for the image',
    ]);
    expect(error.hint).to.contain('mlflow.enabled: false');
  });

  const secret: readonly [what: string, tracking: Partial<Tracking>, where: string][] = [
    ['a password in the address', { uri: 'https://me:hunter2-pw@mlflow.example.com' }, 'conf/local/mlflow.yml:12'],
    ['a token in the address', { uri: 'https://hunter2-token@mlflow.example.com' }, 'conf/local/mlflow.yml:12'],
    [
      'a password in the registry’s address',
      {
        registryUri: 'https://me:hunter2-pw@r.example.com',
        registrySource: { kind: 'environment', name: 'MLFLOW_REGISTRY_URI' },
      },
      'the environment variable MLFLOW_REGISTRY_URI',
    ],
    [
      'a password in the registry’s address, from the same place',
      { registryUri: 'https://me:hunter2-pw@r.example.com' },
      'conf/local/mlflow.yml:12',
    ],
  ];
  for (const [what, tracking, where] of secret) {
    it(`is refused with ${what}, which everyone who pulls the image could read`, async () => {
      const error = await rejection(bake({ tracking: { ...TRACKING, ...tracking } }));
      expect([error.code, error.message]).to.deep.equal([
        'configuration',
        `the tracking URI contains a user name or password (${where}), which would be baked into the image`,
      ]);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }
});
