import { expect } from 'chai';
import { authenticationValid } from '../../../../src/checks/rules/authentication-valid.js';
import { mlflowConfigHasNoCredentials } from '../../../../src/checks/rules/mlflow-config-has-no-credentials.js';
import { trackingUriHasNoCredentials } from '../../../../src/checks/rules/tracking-uri-has-no-credentials.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

const FILE = 'conf/local/mlflow.yml';

function withServer(tracking: string, registry = 'null'): { files: Record<string, string> } {
  return { files: { [FILE]: `server:\n  mlflow_tracking_uri: ${tracking}\n  mlflow_registry_uri: ${registry}\n` } };
}

describe('tracking-uri-has-no-credentials', () => {
  it('is content with URIs that hold none', async () => {
    expect(
      await findingsOf(trackingUriHasNoCredentials, withServer('https://mlflow.example.com', 'https://r.example.com')),
    ).to.deep.equal([]);
    expect(await findingsOf(trackingUriHasNoCredentials, {})).to.deep.equal([]);
  });

  it('is content with the user of a database, whose password comes otherwise', async () => {
    expect(await findingsOf(trackingUriHasNoCredentials, withServer('postgresql://ada@db/mlflow'))).to.deep.equal([]);
  });

  it('reports each place, and never the value', async () => {
    const given = {
      ...withServer('https://ada:hunter2@mlflow.example.com', 'https://hunter2@r.example.com'),
      settings: { mlflow: { trackingUri: 'https://bob:hunter2@mlflow.example.com' } },
    };
    const findings = await findingsOf(trackingUriHasNoCredentials, given);
    expect(findings).to.deep.equal([
      'error: the URI from the setting mlflow.tracking_uri contains a password (https://***@mlflow.example.com): it would be baked into the image, where anyone can read it',
      `error ${FILE}:3: the URI from ${FILE}:3 contains a user name or token (https://***@r.example.com): it would be baked into the image, where anyone can read it`,
      `error ${FILE}:2: the URI from ${FILE}:2 contains a password (https://***@mlflow.example.com): it would be baked into the image, where anyone can read it`,
    ]);
    expect(JSON.stringify([findings, await remediesOf(trackingUriHasNoCredentials, given)])).to.not.contain('hunter2');
  });

  it('looks at the variable of the shell when that is what would be baked', async () => {
    const [finding] = await findingsOf(trackingUriHasNoCredentials, {
      processEnvironment: { MLFLOW_TRACKING_URI: 'http://a:hunter2@h' },
    });
    expect(finding).to.contain('the environment variable MLFLOW_TRACKING_URI contains a password');
  });
});

describe('mlflow-config-has-no-credentials', () => {
  const cases: [yaml: string, expected: number][] = [
    ['server: {request_header_provider: {init_kwargs: {token: hunter2}}}', 1],
    ['server: {request_header_provider: {init_kwargs: {api_key: hunter2, PASSWORD: hunter2}}}', 2],
    ['tracking: {experiment: {create_experiment_kwargs: {artifact_location: "s3://key:hunter2@bucket/x"}}}', 1],
    ['tracking: {experiment: {create_experiment_kwargs: {artifact_location: "https://h/x?workspace_key=hunter2"}}}', 1],
    // The name of a container or a user alone is no secret.
    ...[
      'abfss://fs@account.dfs.core.windows.net/x',
      'wasbs://c@a.blob.core.windows.net',
      'hdfs://me@nn/x',
      'sftp://me@h/x',
    ].map((location): [string, number] => [
      `tracking: {experiment: {create_experiment_kwargs: {artifact_location: "${location}"}}}`,
      0,
    ]),
    ['tracking: {experiment: {create_experiment_kwargs: {artifact_location: "sftp://me:hunter2@h/x"}}}', 1],
    ['server: {request_header_provider: {init_kwargs: {token: ""}}}', 0],
    ['server: {request_header_provider: {init_kwargs: {audience: x}}}', 0],
    ['server: {credentials: my_mlflow_credentials}', 0],
    // The rule before speaks of these.
    ['server: {mlflow_tracking_uri: "http://a:hunter2@h"}', 0],
  ];
  for (const [yaml, expected] of cases) {
    it(`${yaml}: ${expected}`, async () => {
      const findings = await findingsOf(mlflowConfigHasNoCredentials, { files: { [FILE]: yaml } });
      expect(findings).to.have.length(expected);
      expect(findings.join()).to.not.contain('hunter2');
      for (const finding of findings) expect(finding).to.match(new RegExp(`^error ${FILE}:1: `));
    });
  }
});

describe('authentication-valid', () => {
  it('passes on what the authentication types find', async () => {
    const settings = { runConfig: { authentication: [{ type: 'Vars', params: ['MLFLOW_USER'] } as const] } };
    expect(await findingsOf(authenticationValid, { settings })).to.deep.equal([
      'error: Vars: MLflow does not read the variable MLFLOW_USER',
    ]);
  });

  it('warns of credentials.yml, which stays behind, unless the container gets its credentials otherwise', async () => {
    const files = { [FILE]: 'server:\n  credentials: mine\n' };
    expect(await findingsOf(authenticationValid, { files })).to.deep.equal([
      `warning ${FILE}:2: mlflow.yml reads its credentials from credentials.yml, which is never copied into an image`,
    ]);
    const settings = { runConfig: { authentication: [{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] } as const] } };
    expect(await findingsOf(authenticationValid, { files, settings })).to.deep.equal([]);
    expect(await findingsOf(authenticationValid, withServer('http://h'))).to.deep.equal([]);
  });
});
