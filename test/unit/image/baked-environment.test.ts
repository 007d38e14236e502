import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import type { BakedTracking } from '../../../src/image/bake-plan.js';
import { bakedEnvironment, contradictions, type EnvironmentInput } from '../../../src/image/baked-environment.js';
import { everythingIn } from '../../support/everything-in.js';

const TRACKING: BakedTracking = {
  uri: 'https://mlflow.example.com',
  registryUri: undefined,
  experiment: 'flights',
  authenticationTypes: [],
  authentication: undefined,
  signsRequests: false,
  runName: undefined,
  onUnreachable: 'fail',
  experimentOptions: undefined,
  mlflowYaml: '',
  mlflowFiles: ['conf/local/mlflow.yml'],
  selfTestSubject: 'sha256:subject',
  runtime: [],
};

function baked(image: readonly string[], changes: Partial<EnvironmentInput> = {}): string[] {
  return bakedEnvironment({ image, env: 'local', isDefaultEnv: true, tracking: TRACKING, ...changes });
}

function refusal(image: readonly string[], changes: Partial<EnvironmentInput> = {}): KdeployError {
  try {
    baked(image, changes);
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the environment of a baked image', () => {
  const contradicting: readonly [entry: string, changes: Partial<EnvironmentInput>][] = [
    ['KEDRO_ENV=prod', {}],
    ['KEDRO_ENV=prod', { env: 'staging', isDefaultEnv: false }],
    ['KEDRO_ENV=local', { env: 'staging', isDefaultEnv: false }],
    ['MLFLOW_TRACKING_URI=https://other.example.com', {}],
    ['MLFLOW_TRACKING_URI=https://mlflow.example.com/', {}],
    ['MLFLOW_REGISTRY_URI=https://models.example.com', {}],
    ['MLFLOW_EXPERIMENT_NAME=trains', {}],
    ['MLFLOW_TRACKING_AUTH=acme', { tracking: { ...TRACKING, signsRequests: true } }],
    ['KDEPLOY_AUTH=[]', {}],
    ['KDEPLOY_RUN_NAME=x', {}],
    ['KDEPLOY_RUN_NAME=x', { tracking: { ...TRACKING, runName: 'y' } }],
    ['KDEPLOY_ON_UNREACHABLE=warn', {}],
    ['KDEPLOY_EXPERIMENT_OPTIONS={}', {}],
  ];
  for (const [entry, changes] of contradicting) {
    const name = entry.slice(0, entry.indexOf('='));
    it(`never replaces ${entry} of the Dockerfile in silence`, () => {
      const error = refusal(['PATH=/bin', entry], changes);
      expect(error.code).to.equal('configuration');
      expect(error.message)
        .to.contain(`sets ${name} (configured: `)
        .and.to.contain('to another value than kdeploy would');
    });
  }

  it('says how to build for the environment that the Dockerfile names', () => {
    expect(refusal(['KEDRO_ENV=prod']).hint).to.equal(
      'build for that environment: --env prod; or remove the ENV line from the Dockerfile',
    );
  });

  it('names all contradictions at once, and no value of the image, which may contain a password', () => {
    const error = refusal(['KEDRO_ENV=$(hunter2)', 'MLFLOW_TRACKING_URI=https://me:hunter2@host']);
    expect(error.message).to.contain('MLFLOW_TRACKING_URI').and.to.contain('KEDRO_ENV');
    expect(everythingIn(error)).not.to.contain('hunter2');
  });

  const agreements: readonly [entry: string, changes: Partial<EnvironmentInput>][] = [
    ['KEDRO_ENV=local', {}],
    ['KEDRO_ENV=prod', { env: 'prod', isDefaultEnv: false }],
    ['KEDRO_ENV=', {}],
    ['MLFLOW_TRACKING_URI=https://mlflow.example.com', {}],
    ['MLFLOW_TRACKING_URI=', {}],
    ['MLFLOW_REGISTRY_URI=https://mlflow.example.com', {}],
    ['MLFLOW_REGISTRY_URI=https://r', { tracking: { ...TRACKING, registryUri: 'https://r' } }],
    ['MLFLOW_EXPERIMENT_NAME=flights', {}],
    ['KDEPLOY_ON_UNREACHABLE=fail', {}],
    ['KEDRO_ENVIRONMENT=prod', {}],
  ];
  for (const [entry, changes] of agreements) {
    it(`has nothing against ${entry}, which says the same or nothing`, () => {
      expect(baked([entry], changes)).to.include('MLFLOW_TRACKING_URI=https://mlflow.example.com');
    });
  }

  it('counts the last of two entries of a name, as a process does', () => {
    expect(baked(['KEDRO_ENV=prod', 'KEDRO_ENV=local'])).not.to.include('KEDRO_ENV=prod');
    expect(refusal(['KEDRO_ENV=local', 'KEDRO_ENV=prod']).message).to.contain('KEDRO_ENV');
  });

  it('keeps an authentication provider of the project’s own where kdeploy bakes none', () => {
    expect(baked(['MLFLOW_TRACKING_AUTH=acme'])).to.include('MLFLOW_TRACKING_AUTH=acme');
    expect(baked([])).to.satisfy((env: string[]) => !env.some((entry) => entry.startsWith('MLFLOW_TRACKING_AUTH')));
  });

  for (const entry of ['MLFLOW_RUN_ID=8a04e96f4c604deba895b0cd9c8dd031', 'KDEPLOY_RUN_KEY=nightly']) {
    it(`refuses ${entry} in an image: all its containers would share one run`, () => {
      const { message } = refusal([entry]);
      expect(message).to.contain(entry.split('=')[0]).and.to.contain('every container would join the same MLflow run');
    });
  }

  it('says of everything that contradicts it what is configured, and what to do about the Kedro environment first', () => {
    const error = refusal(['MLFLOW_EXPERIMENT_NAME=trains', 'KEDRO_ENV=prod', 'KDEPLOY_RUN_NAME=x']);
    expect(error.message).to.equal(
      'the Dockerfile or its base image sets MLFLOW_EXPERIMENT_NAME (configured: flights), KEDRO_ENV (configured: local), KDEPLOY_RUN_NAME (configured: none) to another value than kdeploy would',
    );
    expect(error.hint).to.equal('build for that environment: --env prod; or remove the ENV line from the Dockerfile');
  });

  for (const entry of ['MLFLOW_EXPERIMENT_NAME=trains', 'KEDRO_ENV=a b', 'KEDRO_ENV=prod ', 'KEDRO_ENV=$(x)']) {
    it(`advises to remove ${entry}, which cannot be passed as an environment`, () => {
      expect(refusal([entry]).hint).to.equal('remove the ENV line from the Dockerfile, or configure the same value');
    });
  }

  it('tells which of its contradictions is a run that all containers would share', () => {
    const found = contradictions({
      image: ['MLFLOW_RUN_ID=x', 'KDEPLOY_RUN_NAME=y'],
      env: 'local',
      tracking: TRACKING,
    });
    expect(found.map(({ kind, name }) => [kind, name])).to.deep.equal([
      ['different', 'KDEPLOY_RUN_NAME'],
      ['shared run', 'MLFLOW_RUN_ID'],
    ]);
  });
});
