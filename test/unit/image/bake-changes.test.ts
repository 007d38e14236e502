import { expect } from 'chai';
import { changesSinceBake } from '../../../src/image/bake-changes.js';
import { planBake } from '../../../src/image/bake-plan.js';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';
import { TRACKING, VERSION } from '../bake/baked-sample.js';

function baked(env = 'local', tracking: typeof TRACKING | 'none' = TRACKING): RunConfiguration {
  const image = {
    env: ['PATH=/bin'],
    entrypoint: ['tini'],
    cmd: ['kedro'],
    workingDirectory: '/w',
    user: 'u',
    labels: {},
  };
  const origin = { created: '2026-01-02T03:04:05Z' };
  const baked = tracking === 'none' ? undefined : tracking;
  return planBake({ image, kdeployVersion: VERSION, env, tracking: baked, imageName: 'app:v1', origin }).configuration;
}

describe('what is changed of a baked image', () => {
  it('is nothing right after the bake', () => {
    for (const env of ['local', 'prod']) expect(changesSinceBake(baked(env)), env).to.deep.equal([]);
    const open = { ...TRACKING, authentication: undefined, authenticationTypes: [] };
    expect(changesSinceBake(baked('local', open))).to.deep.equal([]);
    expect(changesSinceBake(baked('local', 'none'))).to.deep.equal([]);
  });

  const variables: readonly [assignment: string, name: string | undefined][] = [
    ['MLFLOW_TRACKING_URI=http://localhost:5000', 'MLFLOW_TRACKING_URI'],
    ['MLFLOW_TRACKING_URI=', 'MLFLOW_TRACKING_URI'],
    ['MLFLOW_EXPERIMENT_NAME=another', 'MLFLOW_EXPERIMENT_NAME'],
    ['KEDRO_ENV=another', 'KEDRO_ENV'],
    ['KEDRO_ENV=local', undefined],
    ['KEDRO_ENV=', undefined],
    ['KDEPLOY_AUTH=', 'KDEPLOY_AUTH'],
    ['KDEPLOY_AUTH={', 'KDEPLOY_AUTH'],
    ['KDEPLOY_AUTH={"types":[{"type":"GoogleOAuth2"}]}', 'KDEPLOY_AUTH'],
    ['KDEPLOY_AUTH={"types":[{"type":"Vars","params":["B"]}]}', undefined],
    ['MLFLOW_RUN_ID=1', 'MLFLOW_RUN_ID'],
    ['KDEPLOY_RUN_KEY=nightly', 'KDEPLOY_RUN_KEY'],
    ['KDEPLOY_RUN_KEY=', undefined],
    ['OWN=1', undefined],
  ];
  for (const [assignment, name] of variables) {
    it(`${name === undefined ? 'is not' : 'is'} ENV ${assignment}`, () => {
      const run = baked();
      const variable = assignment.slice(0, assignment.indexOf('='));
      const env = [...run.env.filter((each) => !each.startsWith(`${variable}=`)), assignment];
      const found = changesSinceBake({ ...run, env });
      expect(found.map((change) => change.kind !== 'entrypoint' && change.name)).to.deep.equal(
        name === undefined ? [] : [name],
      );
      // Of an image without tracking they are the project's own.
      expect(changesSinceBake({ ...baked('local', 'none'), env })).to.deep.equal([]);
    });
  }

  for (const name of ['MLFLOW_TRACKING_URI', 'MLFLOW_EXPERIMENT_NAME', 'KDEPLOY_AUTH'])
    it(`is ${name} that is no longer set`, () => {
      const run = baked();
      const env = run.env.filter((each) => !each.startsWith(`${name}=`));
      expect(changesSinceBake({ ...run, env })).to.deep.equal([{ kind: 'variable', name, now: undefined }]);
    });

  const entrypoints: readonly [entrypoint: readonly string[], isWrapped: boolean | undefined][] = [
    [['python', '-m', 'kdeploy_runtime'], undefined],
    [['python', '-m', 'kdeploy_runtime', 'another'], undefined],
    [['tini', '--', 'python', '-m', 'kdeploy_runtime', 'tini'], true],
    [['tini', '--'], false],
    [[], false],
    [['python', '-m', 'kdeploy'], false],
    [['sh', '-c', 'python -m kdeploy_runtime "$@"'], false],
  ];
  for (const [entrypoint, isWrapped] of entrypoints) {
    it(`${isWrapped === undefined ? 'is not' : 'is'} the entrypoint ${JSON.stringify(entrypoint)}`, () => {
      expect(changesSinceBake({ ...baked(), entrypoint })).to.deep.equal(
        isWrapped === undefined ? [] : [{ kind: 'entrypoint', isWrapped }],
      );
    });
  }
});
