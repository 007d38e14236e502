import { expect } from 'chai';
import { databricksAuthenticated } from '../../../../src/checks/rules/databricks-authenticated.js';
import { findingsOf, type ContextGiven } from '../../../support/check-rule.js';

function withServer(server: string, authentication: readonly string[] = []): ContextGiven {
  return {
    files: { 'conf/local/mlflow.yml': `server:\n  ${server}\n` },
    settings:
      authentication.length === 0
        ? {}
        : { runConfig: { authentication: [{ type: 'Vars', params: [...authentication] }] } },
  };
}

describe('databricks-authenticated', () => {
  const WHERE = 'conf/local/mlflow.yml:2';
  for (const given of [
    withServer('mlflow_tracking_uri: https://mlflow.example.com'),
    withServer('mlflow_tracking_uri: databricks', ['DATABRICKS_HOST', 'DATABRICKS_TOKEN']),
    withServer('mlflow_tracking_uri: databricks', ['DATABRICKS_HOST', 'DATABRICKS_CLIENT_ID']),
    // Then tracking-uri-usable says that runs cannot be logged there.
    withServer('mlflow_tracking_uri: databricks-uc'),
    // Then authentication-valid says what to write instead.
    withServer('mlflow_tracking_uri: databricks\n  credentials: mine'),
  ]) {
    it(`is content with ${JSON.stringify(given)}`, async () =>
      expect(await findingsOf(databricksAuthenticated, given)).to.deep.equal([]));
  }

  it('finds that no credentials are listed', async () => {
    const message = `warning ${WHERE}: databricks (from ${WHERE}) needs DATABRICKS_HOST and DATABRICKS_TOKEN, but run_config.authentication does not list them`;
    expect(await findingsOf(databricksAuthenticated, withServer('mlflow_tracking_uri: databricks'))).to.deep.equal([
      message,
    ]);
    expect(
      await findingsOf(
        databricksAuthenticated,
        withServer('mlflow_tracking_uri: databricks', ['MLFLOW_TRACKING_TOKEN']),
      ),
    ).to.deep.equal([message]);
  });

  it('finds a registry that only databricks can open', async () => {
    const [finding] = await findingsOf(
      databricksAuthenticated,
      withServer('mlflow_registry_uri: databricks-uc\n  mlflow_tracking_uri: https://mlflow.example.com'),
    );
    expect(finding).to.contain('databricks-uc').and.contain('does not list them');
  });

  it('finds a profile, whose file stays behind', async () => {
    expect(
      await findingsOf(
        databricksAuthenticated,
        withServer('mlflow_tracking_uri: databricks://team', ['DATABRICKS_HOST']),
      ),
    ).to.deep.equal([
      `warning ${WHERE}: databricks://team (from ${WHERE}) names a profile in ~/.databrickscfg, a file that is not in the image`,
    ]);
  });
});
