import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { LABELS, OCI_LABELS, readBakedLabels } from '../../../src/image/labels.js';

describe('the labels of a baked image', () => {
  it('have names that never change: push, inspect and other people’s policies read them', () => {
    expect(LABELS).to.deep.equal({
      format: 'io.kdeploy.format',
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

  it('are refused where a later kdeploy wrote them in another format, and read where an earlier one named none', () => {
    const labels = { 'io.kdeploy.version': '9.1.0', 'io.kdeploy.plan': 'sha256:p' };
    const read = (format: string) => () => readBakedLabels({ ...labels, 'io.kdeploy.format': format });
    for (const format of ['2', '10', '', 'x', '1.5', '-1'])
      expect(read(format), format)
        .to.throw(
          KdeployError,
          `the image was built by kdeploy 9.1.0; its labels have format ${format}, and this kdeploy reads 1`,
        )
        .that.includes({ code: 'image-unusable', hint: 'update kdeploy' });
    expect(read('1')()).to.deep.equal(readBakedLabels(labels)).and.to.include({ version: '9.1.0' });
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
