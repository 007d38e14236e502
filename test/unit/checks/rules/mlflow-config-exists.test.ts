import { expect } from 'chai';
import { mlflowConfigExists } from '../../../../src/checks/rules/mlflow-config-exists.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

describe('mlflow-config-exists', () => {
  it('is content with one in the run environment, or in the base environment', async () => {
    for (const file of ['conf/local/mlflow.yml', 'conf/base/mlflow.yaml', 'conf/local/tracking/mlflow.yml']) {
      expect(await findingsOf(mlflowConfigExists, { files: { [file]: '# nothing yet' } }), file).to.deep.equal([]);
    }
  });

  it('names the file that is missing, and the command that makes it', async () => {
    expect(await findingsOf(mlflowConfigExists, {})).to.deep.equal([
      'error conf/local/mlflow.yml: conf/local/mlflow.yml is missing: it tells kedro-mlflow which MLflow server to log to',
    ]);
    const files = { 'requirements.txt': 'kedro-mlflow', 'conf/local/.gitkeep': '' };
    expect(await remediesOf(mlflowConfigExists, { files })).to.deep.equal([
      'kedro mlflow init, then set server.mlflow_tracking_uri in it',
    ]);
    expect(
      await remediesOf(mlflowConfigExists, { files: { 'requirements.in': 'kedro-mlflow', 'conf/local/.gitkeep': '' } }),
    ).to.deep.equal(['kedro mlflow init, then set server.mlflow_tracking_uri in it']);
  });

  it('names the package that brings the command, for a project that does not require it yet', async () => {
    expect(
      await remediesOf(mlflowConfigExists, { files: { 'requirements.txt': 'kedro', 'conf/local/.gitkeep': '' } }),
    ).to.deep.equal(['pip install kedro-mlflow && kedro mlflow init, then set server.mlflow_tracking_uri in it']);
  });

  it('looks in the environment that is deployed', async () => {
    const given = { env: 'prod', files: { 'conf/local/mlflow.yml': 'a: 1', 'requirements.txt': 'kedro-mlflow' } };
    expect((await findingsOf(mlflowConfigExists, given))[0]).to.contain('conf/prod/mlflow.yml is missing');
    expect(await remediesOf(mlflowConfigExists, given)).to.deep.equal([
      'mkdir -p conf/prod && kedro mlflow init --env prod, then set server.mlflow_tracking_uri in it; ' +
        'or use an environment of the project: --env local',
    ]);
  });

  for (const env of ['prodution', 'Production', 'prodcution']) {
    it(`asks whether another environment was meant by ${env}, also where the base environment has an mlflow.yml`, async () => {
      const files = { 'conf/base/mlflow.yml': 'a: 1', 'conf/production/catalog.yml': '', 'conf/local/.gitkeep': '' };
      expect(await findingsOf(mlflowConfigExists, { env, files })).to.deep.equal([
        `error conf/${env}: the project has no Kedro environment ${env}: its environments are local, production`,
      ]);
      expect(await remediesOf(mlflowConfigExists, { env, files })).to.deep.equal(['did you mean --env production?']);
    });
  }

  it('takes an environment without a folder for a new one where no other has a similar name', async () => {
    const files = { 'conf/base/mlflow.yml': 'a: 1', 'conf/production/catalog.yml': '', 'conf/local/.gitkeep': '' };
    expect(await findingsOf(mlflowConfigExists, { env: 'staging', files })).to.deep.equal([]);
  });

  it('only warns when the settings name a server themselves', async () => {
    const [finding] = await findingsOf(mlflowConfigExists, {
      settings: { mlflow: { trackingUri: 'https://mlflow.example.com' } },
    });
    expect(finding).to.match(/^warning conf\/local\/mlflow\.yml: /);
  });

  it('is not appeased by a variable of the shell that happens to be set', async () => {
    const [finding] = await findingsOf(mlflowConfigExists, {
      processEnvironment: { MLFLOW_TRACKING_URI: 'https://mlflow.example.com' },
    });
    expect(finding).to.match(/^error /);
  });

  it('leaves a file that cannot be read to mlflow-config-valid', async () => {
    expect(await findingsOf(mlflowConfigExists, { files: { 'conf/local/mlflow.yml': ']' } })).to.deep.equal([]);
  });
});
