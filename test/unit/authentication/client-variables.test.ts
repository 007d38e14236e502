import { expect } from 'chai';
import { isForRequests, isReadByClient, misspelledVariable } from '../../../src/authentication/client-variables.js';

describe("the variables of MLflow's client", () => {
  for (const name of [
    'MLFLOW_TRACKING_URI',
    'MLFLOW_TRACKING_TOKEN',
    'MLFLOW_WORKSPACE',
    'MLFLOW_S3_ENDPOINT_URL',
    'MLFLOW_S3_UPLOAD_EXTRA_ARGS',
    'MLFLOW_HTTP_REQUEST_MAX_RETRIES',
    'MLFLOW_KERBEROS_USER',
    'MLFLOW_GCS_DEFAULT_TIMEOUT',
    'AWS_SESSION_TOKEN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_ENDPOINT_URL_S3',
    'AZURE_STORAGE_SAS_TOKEN',
    'AZURE_FEDERATED_TOKEN_FILE',
    'GOOGLE_CLOUD_PROJECT',
    'DATABRICKS_TOKEN',
    'REQUESTS_CA_BUNDLE',
    'https_proxy',
  ]) {
    it(`are ${name}, among others`, () => {
      expect(isReadByClient(name)).to.equal(true);
    });
  }

  for (const name of [
    'MLFLOW_USERNAME',
    'mlflow_tracking_token',
    'MLFLOW_TRACKING_TOKENS',
    'MLFLOW_FLASK_SERVER_SECRET_KEY',
    'MLFLOW_AUTH_CONFIG_PATH',
    'AWS_',
    'AWS',
    'aws_secret_access_key',
    'DATABASE_PASSWORD',
    'PATH',
  ]) {
    it(`are not ${name}`, () => {
      expect(isReadByClient(name)).to.equal(false);
    });
  }

  const slips: readonly [name: string, meant: string | undefined][] = [
    ['AWS_SECRET_ACESS_KEY', 'AWS_SECRET_ACCESS_KEY'],
    ['AWS_SECRET_ACCESS_KEYS', 'AWS_SECRET_ACCESS_KEY'],
    ['AWS_ACCESS_KEY_DI', 'AWS_ACCESS_KEY_ID'],
    ['AZURE_TENENT_ID', 'AZURE_TENANT_ID'],
    ['MLFLOW_WORKSPACES', 'MLFLOW_WORKSPACE'],
    ['AWS_ACCESS_KEY_ID', undefined],
    ['AWS_PROFILE', undefined],
  ];
  for (const [name, meant] of slips) {
    it(`are not ${name}, where ${meant ?? 'nothing else'} was meant`, () => {
      expect(misspelledVariable(name)).to.equal(meant);
      expect(isReadByClient(name)).to.equal(meant === undefined);
    });
  }

  it('are needed to ask the server only where a request carries them', () => {
    expect(isForRequests('MLFLOW_TRACKING_TOKEN')).to.equal(true);
    expect(isForRequests('MLFLOW_WORKSPACE')).to.equal(true);
    expect(isForRequests('AWS_SECRET_ACCESS_KEY')).to.equal(false);
    expect(isForRequests('MLFLOW_S3_ENDPOINT_URL')).to.equal(false);
  });
});
