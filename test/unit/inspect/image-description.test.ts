import { expect } from 'chai';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';
import { describeConfiguration } from '../../../src/inspect/image-description.js';

const CONFIGURATION: RunConfiguration = {
  env: ['PATH=/bin', 'TOKEN=hunter2-in-the-image'],
  entrypoint: ['python', '-m', 'kdeploy_runtime'],
  cmd: ['kedro', 'run'],
  workingDirectory: '/home/kedro_docker',
  user: 'kedro_docker',
  labels: {
    'io.kdeploy.version': '0.1.0',
    'io.kdeploy.plan': 'sha256:p',
    'io.kdeploy.env': 'prod',
    'io.kdeploy.tracking-uri': 'https://mlflow.acme.io',
    'io.kdeploy.experiment': 'flights',
    'io.kdeploy.authentication': 'GoogleOAuth2,Vars',
    'org.opencontainers.image.revision': '4be1c0ffee12-dirty',
    'org.opencontainers.image.source': 'https://github.com/acme/flights',
    'org.opencontainers.image.base.name': 'docker.io/library/python:3.11-slim',
    maintainer: 'somebody',
  },
};

describe('the description of an image’s configuration', () => {
  it('tells what is baked, where it comes from and how it starts, but no variables: they may hold secrets', () => {
    expect(describeConfiguration(CONFIGURATION)).to.deep.equal({
      baked: {
        version: '0.1.0',
        plan: 'sha256:p',
        env: 'prod',
        trackingUri: 'https://mlflow.acme.io',
        experiment: 'flights',
        authentication: ['GoogleOAuth2', 'Vars'],
      },
      revision: '4be1c0ffee12-dirty',
      source: 'https://github.com/acme/flights',
      base: 'docker.io/library/python:3.11-slim',
      user: 'kedro_docker',
      workingDirectory: '/home/kedro_docker',
      entrypoint: ['python', '-m', 'kdeploy_runtime'],
      cmd: ['kedro', 'run'],
    });
  });

  it('tells where it logs, which somebody may have changed after the build', () => {
    const changed = {
      ...CONFIGURATION,
      env: [...CONFIGURATION.env, 'MLFLOW_TRACKING_URI=https://elsewhere.example.com'],
    };
    expect(describeConfiguration(changed).baked?.trackingUri).to.equal('https://elsewhere.example.com');
  });

  it('says null, and never nothing, of what the image does not tell: --json keeps its keys', () => {
    const bare = { env: [], entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: {} };
    expect(JSON.parse(JSON.stringify(describeConfiguration(bare)))).to.deep.equal({
      baked: null,
      revision: null,
      source: null,
      base: null,
      user: 'root',
      workingDirectory: '/',
      entrypoint: [],
      cmd: [],
    });
  });

  for (const label of ['io.kdeploy.version', 'io.kdeploy.plan']) {
    it(`takes an image without ${label} for one that was not baked`, () => {
      const labels = Object.fromEntries(Object.entries(CONFIGURATION.labels).filter(([name]) => name !== label));
      expect(describeConfiguration({ ...CONFIGURATION, labels }).baked).to.equal(null);
    });
  }
});
