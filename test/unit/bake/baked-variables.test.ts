import { expect } from 'chai';
import { bakedVariables } from '../../../src/bake/baked-variables.js';
import type { TrackingConfig } from '../../../src/project/tracking/tracking-config.js';
import { settingsWith } from '../../support/settings.js';

const TRACKING = {
  uri: 'https://mlflow.example.com',
  registryUri: undefined,
  experiment: 'flights',
  source: undefined,
  registrySource: undefined,
};

const optionsOf = (document: TrackingConfig['document'] | undefined) =>
  bakedVariables(settingsWith(), TRACKING, document && ({ document } as TrackingConfig)).experimentOptions;

describe('the variables of a baked image', () => {
  it('say where to log, and nothing that is not configured', () => {
    expect(bakedVariables(settingsWith(), TRACKING, undefined)).to.deep.equal({
      uri: 'https://mlflow.example.com',
      registryUri: undefined,
      experiment: 'flights',
      authentication: undefined,
      signsRequests: false,
      runName: undefined,
      onUnreachable: 'fail',
      experimentOptions: undefined,
    });
  });

  it('name the run, the registry and the authentication that are configured', () => {
    const settings = settingsWith({
      runConfig: {
        runName: 'nightly',
        authentication: [{ type: 'GoogleOAuth2', audience: null, header: 'Authorization' }],
      },
    });
    const baked = bakedVariables(settings, { ...TRACKING, registryUri: 'https://models.example.com' }, undefined);
    expect(baked).to.include({ runName: 'nightly', registryUri: 'https://models.example.com', signsRequests: true });
    expect(baked.authentication).to.contain('GoogleOAuth2');
  });

  it('say how mlflow.yml would have the experiment created, each option where it says something of it', () => {
    const kwargs = { artifact_location: 's3://bucket/x', tags: { team: 'ml' } };
    const experiment = { create_experiment_kwargs: kwargs, restore_if_deleted: false };
    expect(optionsOf({ tracking: { experiment } })).to.equal(
      '{"artifact_location":"s3://bucket/x","tags":{"team":"ml"},"restore_if_deleted":false}',
    );
    expect(optionsOf({ tracking: { experiment: { restore_if_deleted: true } } })).to.equal(
      '{"restore_if_deleted":true}',
    );
    expect(optionsOf({ tracking: {} })).to.equal(undefined);
    expect(optionsOf(undefined)).to.equal(undefined);
  });
});
