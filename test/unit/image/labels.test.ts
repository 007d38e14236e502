import { expect } from 'chai';
import { LABELS, OCI_LABELS, readBakedLabels } from '../../../src/image/labels.js';

describe('the labels of a baked image', () => {
  it('have names that never change: push, inspect and other people’s policies read them', () => {
    expect(LABELS).to.deep.equal({
      version: 'io.kdeploy.version',
      env: 'io.kdeploy.env',
      trackingUri: 'io.kdeploy.tracking-uri',
      experiment: 'io.kdeploy.experiment',
      authentication: 'io.kdeploy.authentication',
      plan: 'io.kdeploy.plan',
      selfTest: 'io.kdeploy.self-test',
      locations: 'io.kdeploy.locations',
      bakedFrom: 'io.kdeploy.baked-from',
    });
    for (const label of Object.values(OCI_LABELS)) expect(label).to.match(/^org\.opencontainers\.image\./);
  });

  it('tell what was baked', () => {
    const labels = {
      'io.kdeploy.version': '1.0.0',
      'io.kdeploy.plan': 'sha256:p',
      'io.kdeploy.env': 'prod',
      'io.kdeploy.tracking-uri': 'https://mlflow.example.com',
      'io.kdeploy.experiment': 'flights',
      'io.kdeploy.authentication': 'GoogleOAuth2,Vars',
      other: 'x',
    };
    expect(readBakedLabels(labels)).to.deep.equal({
      version: '1.0.0',
      plan: 'sha256:p',
      env: 'prod',
      trackingUri: 'https://mlflow.example.com',
      experiment: 'flights',
      authentication: ['GoogleOAuth2', 'Vars'],
    });
  });

  for (const authentication of [{}, { 'io.kdeploy.authentication': '' }]) {
    it(`tell of an image without tracking and authentication (${JSON.stringify(authentication)})`, () => {
      const read = readBakedLabels({ 'io.kdeploy.version': '1.0.0', 'io.kdeploy.plan': 'sha256:p', ...authentication });
      expect(read).to.deep.include({ trackingUri: undefined, experiment: undefined, authentication: [] });
    });
  }

  it('tell of an image without tracking where an earlier bake’s labels were emptied', () => {
    const read = readBakedLabels({
      'io.kdeploy.version': '1.0.0',
      'io.kdeploy.plan': 'sha256:p',
      'io.kdeploy.env': 'local',
      'io.kdeploy.tracking-uri': '',
      'io.kdeploy.experiment': '',
    });
    expect(read).to.deep.include({ env: 'local', trackingUri: undefined, experiment: undefined });
  });

  for (const labels of [
    {},
    { 'io.kdeploy.version': '1' },
    { 'io.kdeploy.plan': 'p' },
    { 'io.kdeploy': 'x', version: '1' },
  ]) {
    it(`are not seen in ${JSON.stringify(labels)}`, () => {
      expect(readBakedLabels(labels)).to.equal(undefined);
    });
  }
});
