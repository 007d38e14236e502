import { expect } from 'chai';
import { trackingUriUsable } from '../../../../src/checks/rules/tracking-uri-usable.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

function withUri(uri: string, registry = 'null'): { files: Record<string, string> } {
  return {
    files: { 'conf/local/mlflow.yml': `server:\n  mlflow_tracking_uri: ${uri}\n  mlflow_registry_uri: ${registry}\n` },
  };
}

describe('tracking-uri-usable', () => {
  for (const uri of [
    'https://mlflow.example.com',
    'http://10.0.0.7:5000',
    'databricks',
    'postgresql://db/mlflow',
    'http://localhost.example.com',
  ]) {
    it(`is content with ${uri}`, async () =>
      expect(await findingsOf(trackingUriUsable, withUri(uri))).to.deep.equal([]));
  }

  for (const registry of ['databricks-uc', 'uc:https://catalog.example.com']) {
    it(`is content with ${registry} for models`, async () =>
      expect(await findingsOf(trackingUriUsable, withUri('databricks', registry))).to.deep.equal([]));
  }

  const WHERE = 'conf/local/mlflow.yml:2';
  const problems: [uri: string, expected: string][] = [
    [
      'Databricks',
      `error ${WHERE}: the tracking URI Databricks (from ${WHERE}) is a local folder: in a container it starts empty and is deleted when the container exits`,
    ],
    ...['databricks-uc', 'databricks-uc://team', 'uc:https://catalog.example.com'].map((uri): [string, string] => [
      uri,
      `error ${WHERE}: the tracking URI ${uri} (from ${WHERE}) is not a URI that MLflow accepts: Unity Catalog is a model registry; runs are logged to databricks or to an MLflow server`,
    ]),
    [
      'mlruns',
      `error ${WHERE}: the tracking URI mlruns (from ${WHERE}) is a local folder: in a container it starts empty and is deleted when the container exits`,
    ],
    [
      '/mnt/mlruns',
      `error ${WHERE}: the tracking URI /mnt/mlruns (from ${WHERE}) is a local folder: in a container it starts empty and is deleted when the container exits`,
    ],
    [
      'sqlite:///m.db',
      `error ${WHERE}: the tracking URI sqlite:///m.db (from ${WHERE}) is a database file: in a container it is deleted when the container exits`,
    ],
    [
      'http://localhost:5000',
      `warning ${WHERE}: the tracking URI http://localhost:5000 (from ${WHERE}) points at the container itself; it works only if MLflow runs in the same pod, or with host networking`,
    ],
    [
      'http://host.docker.internal:5000',
      `warning ${WHERE}: the tracking URI http://host.docker.internal:5000 (from ${WHERE}) resolves only inside Docker Desktop on a laptop, not in a cluster`,
    ],
    [
      'myplugin://x',
      `warning ${WHERE}: the tracking URI myplugin://x (from ${WHERE}) has a scheme that MLflow supports only with a plugin`,
    ],
    [
      '127.0.0.1:5000',
      `error ${WHERE}: the tracking URI 127.0.0.1:5000 (from ${WHERE}) is not a URI that MLflow accepts: http:// or https:// is missing before the host`,
    ],
  ];
  for (const [uri, expected] of problems) {
    it(`reports ${uri}`, async () =>
      expect(await findingsOf(trackingUriUsable, withUri(uri))).to.deep.equal([expected]));
  }

  it('says which server is meant by the address of a page in MLflow’s UI', async () => {
    const project = withUri('https://mlflow.example.com/team/#/experiments/3');
    expect(await findingsOf(trackingUriUsable, project)).to.deep.equal([
      `error ${WHERE}: the tracking URI https://mlflow.example.com/team/#/experiments/3 (from ${WHERE}) is not a URI that MLflow accepts: it is the address of a page in MLflow's UI`,
    ]);
    expect(await remediesOf(trackingUriUsable, project)).to.deep.equal(['set it to https://mlflow.example.com/team']);
  });

  describe('a loopback address', () => {
    const named = (name: string | null) => ({ ...withUri('http://localhost:5000'), settings: { image: { name } } });

    it('is an error where the image goes to a registry elsewhere, whose machines would lose its runs', async () => {
      expect(await findingsOf(trackingUriUsable, named('registry.example.com/app'))).to.deep.equal([
        `error ${WHERE}: the tracking URI http://localhost:5000 (from ${WHERE}) points at the container itself, and the image goes to registry.example.com: its runs would be lost`,
      ]);
      const remedies = await remediesOf(trackingUriUsable, named('registry.example.com/app'));
      expect(remedies[0]).to.contain('checks.tracking-uri-usable: warning');
    });

    for (const name of ['127.0.0.1:5000/app', 'localhost/app', 'app', null]) {
      it(`is a warning where the image stays on this machine, as ${name ?? 'one without a name'}`, async () => {
        const [finding] = await findingsOf(trackingUriUsable, named(name));
        expect(finding).to.match(/^warning .* works only if MLflow runs in the same pod, or with host networking$/);
      });
    }

    it('is judged in the same way under the names that Docker Desktop has for the machine', async () => {
      const settings = { image: { name: 'registry.example.com/app' } };
      const [finding] = await findingsOf(trackingUriUsable, {
        ...withUri('http://host.docker.internal:5000'),
        settings,
      });
      expect(finding).to.match(/^error .* not in a cluster, and the image goes to registry.example.com$/);
    });
  });

  it('never prints a password', async () => {
    const [finding] = await findingsOf(trackingUriUsable, withUri('http://ada:hunter2@localhost:5000'));
    expect(finding).to.contain('http://***@localhost:5000').and.not.contain('hunter2');
  });

  it('judges the registry URI in the same way, once when both are the same', async () => {
    expect(await findingsOf(trackingUriUsable, withUri('https://mlflow.example.com', 'mlregistry'))).to.deep.equal([
      'error conf/local/mlflow.yml:3: the registry URI mlregistry (from conf/local/mlflow.yml:3) is a local folder: in a container it starts empty and is deleted when the container exits',
    ]);
    expect(
      await findingsOf(trackingUriUsable, withUri('http://127.0.0.1:5000', 'http://127.0.0.1:5000')),
    ).to.have.length(1);
  });

  it('reports a URI that is not set, where it should be', async () => {
    expect(await findingsOf(trackingUriUsable, withUri('null'))).to.deep.equal([
      `error ${WHERE}: server.mlflow_tracking_uri is not set in conf/local/mlflow.yml: the container would write runs to its own disk and lose them`,
    ]);
    expect(await remediesOf(trackingUriUsable, withUri('null'))).to.deep.equal([
      "set it to your MLflow server's URL, or pass --tracking-uri https://…",
    ]);
  });

  it('leaves a missing or broken file to the rules that speak of it', async () => {
    expect(await findingsOf(trackingUriUsable, {})).to.deep.equal([]);
    expect(await findingsOf(trackingUriUsable, { files: { 'conf/local/mlflow.yml': ']' } })).to.deep.equal([]);
  });

  it('leaves an address under a key that kedro-mlflow refuses to the rule that speaks of the key', async () => {
    const elsewhere = [
      'mlflow_tracking_uri: https://m',
      'mlflow:\n  uri: https://m',
      'sever:\n  mlflow_tracking_uri: https://m',
      'tracking:\n  uri: https://m',
    ];
    for (const yaml of elsewhere)
      expect(await findingsOf(trackingUriUsable, { files: { 'conf/local/mlflow.yml': yaml } }), yaml).to.deep.equal([]);
    const old = { 'conf/local/mlflow.yml': 'mlflow_tracking_uri: x', 'requirements.txt': 'kedro-mlflow<0.8' };
    expect(await findingsOf(trackingUriUsable, { files: old })).to.deep.equal([]);
  });

  it('reports what is not set beside a wrong key that has nothing to do with it', async () => {
    for (const yaml of ['tracking:\n  experimnt:\n    name: x', 'verbose: true', 'ui:\n  prot: 5']) {
      const findings = await findingsOf(trackingUriUsable, { files: { 'conf/local/mlflow.yml': yaml } });
      expect(findings.join(), yaml).to.contain('server.mlflow_tracking_uri is not set');
    }
  });

  it('takes the setting over mlflow.yml', async () => {
    const settings = { mlflow: { trackingUri: 'https://mlflow.example.com' } };
    expect(await findingsOf(trackingUriUsable, { ...withUri('mlruns'), settings })).to.deep.equal([]);
  });

  it('says when the URI comes from the shell', async () => {
    const processEnvironment = { MLFLOW_TRACKING_URI: 'https://mlflow.example.com' };
    expect(await findingsOf(trackingUriUsable, { ...withUri('null'), processEnvironment })).to.deep.equal([
      'info: the tracking URI comes from the environment variable MLFLOW_TRACKING_URI in this shell: https://mlflow.example.com',
    ]);
  });
});
