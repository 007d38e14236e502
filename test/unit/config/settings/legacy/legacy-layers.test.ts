import { expect } from 'chai';
import { loadSettings } from '../../../../../src/config/settings/load.js';
import { lines, problemsOf, projectOf } from '../project-files.js';

const LEGACY = 'conf/base/airflow-k8s.yaml';

function load(
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
  env = 'local',
) {
  return loadSettings({ source: projectOf(files), env, environmentVariables: variables });
}

const legacy = (run: string, variables?: Readonly<Record<string, string>>) =>
  load({ [LEGACY]: `run_config:\n${run.replaceAll(/^/gm, '  ')}` }, variables);

/** What `kedro airflow-k8s init` wrote (kedro_airflow_k8s/config.py, 0.8.2), comments left out. */
const TEMPLATE = `
host: https://airflow.example.com
output: gs://bucket
run_config:
    image: gcr.io/acme/spaceflights
    image_pull_policy: IfNotPresent
    startup_timeout: 600
    namespace: airflow
    experiment_name: spaceflights
    run_name: spaceflights
    cron_expression: "@daily"
    failure_handlers: []
    volume:
        storageclass: # default
        size: 1Gi
        skip_init: False
        owner: 0
        disabled: False
    secrets:
        -   deploy_type: "env"
            deploy_target: "SQL_CONN"
            secret: "airflow-secrets"
            key: "sql_alchemy_conn"
    macro_params: [ds, prev_ds]
    variables_params: [env]
    group_spark_nodes: True
    authentication:
      type: Vars
      params: ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]
`;

describe('the configuration of kedro-airflow-k8s', () => {
  it('is read as it was generated, with one sentence about the keys that nothing uses', async () => {
    const settings = await load({ [LEGACY]: TEMPLATE });
    expect(settings.image.name).to.equal('gcr.io/acme/spaceflights');
    expect(settings.image.tags).to.deep.equal(['latest']);
    expect(settings.runConfig.experimentName).to.equal('spaceflights');
    expect(settings.runConfig.authentication).to.deep.equal([
      { type: 'Vars', params: ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'] },
    ]);
    expect(settings.runConfig.airflow).to.include({ namespace: 'airflow', startup_timeout: 600 });
    expect(settings.sources).to.deep.equal([LEGACY]);
    expect(lines(settings.warnings)).to.deep.equal([
      `${LEGACY}:2: host, output, run_config.group_spark_nodes are not used by kdeploy`,
    ]);
  });

  it('is not read where there is a kdeploy.yml', async () => {
    const settings = await load({ [LEGACY]: TEMPLATE, 'conf/local/kdeploy.yml': '' });
    expect(settings.image.name).to.equal(null);
    expect(settings.sources).to.deep.equal(['conf/local/kdeploy.yml']);
  });

  for (const file of ['airflow-k8s.yml', 'airflow-k8s-prod.yaml', 'airflow-k8s_run.yml', 'airflow-k8s2.yaml']) {
    it(`is read from ${file}, because the plugin read airflow-k8s*`, async () => {
      expect((await load({ [`conf/base/${file}`]: TEMPLATE })).image.name).to.equal('gcr.io/acme/spaceflights');
    });
  }

  it('is read from JSON, as Kedro read it', async () => {
    const text = JSON.stringify({ run_config: { image: 'a/b' } });
    expect((await load({ 'conf/base/airflow-k8s.json': text })).image.name).to.equal('a/b');
  });

  for (const file of [
    'airflow.yml',
    'my-airflow-k8s.yml',
    'airflow-k8s.yml.bak',
    'airflow-k8s.txt',
    'old/airflow-k8s.yml',
  ]) {
    it(`is not read from ${file}`, async () => {
      expect((await load({ [`conf/base/${file}`]: TEMPLATE })).sources).to.deep.equal([]);
    });
  }

  it('may be spread over several files of a folder', async () => {
    const { image, warnings } = await load({
      'conf/base/airflow-k8s.yaml': 'host: x',
      'conf/base/airflow-k8s-run.yaml': 'run_config: {image: a/b}',
    });
    expect(image.name).to.equal('a/b');
    expect(lines(warnings)).to.deep.equal([`${LEGACY}:1: host is not used by kdeploy`]);
  });

  it('is refused where two files of a folder have run_config, as Kedro refuses it', async () => {
    const files = {
      [LEGACY]: 'run_config: {image: a/b}',
      'conf/base/airflow-k8s-2.yaml': 'host: x\nrun_config: {image: a/c}',
    };
    expect(lines(await problemsOf(load(files)))).to.deep.equal([
      `${LEGACY}:1: run_config is also in conf/base/airflow-k8s-2.yaml; Kedro accepts a key in one file of an environment only`,
    ]);
  });

  for (const params of ['[123-abc.apps.googleusercontent.com]', '"https://mlflow.example.com"']) {
    it(`takes ${params} as params of GoogleOAuth2 for the audience that it was`, async () => {
      const { runConfig, warnings } = await legacy(`authentication:\n  type: GoogleOAuth2\n  params: ${params}`);
      expect(runConfig.authentication[0]).to.include({ type: 'GoogleOAuth2' });
      expect(JSON.stringify(runConfig.authentication[0])).to.match(/"audience":"(?:123-abc|https:)/);
      expect(lines(warnings)).to.deep.equal([
        `${LEGACY}:4: the params of GoogleOAuth2 are used as its audience, as kedro-airflow-k8s did`,
      ]);
    });
  }

  for (const params of [
    '[GOOGLE_AUDIENCE]',
    '[MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD]',
    '[a.example.com, b.example.com]',
    '[1]',
  ]) {
    it(`ignores ${params} as params of GoogleOAuth2, with the line`, async () => {
      const { runConfig, warnings } = await legacy(`authentication:\n  type: GoogleOAuth2\n  params: ${params}`);
      expect(runConfig.authentication).to.deep.equal([
        { type: 'GoogleOAuth2', audience: null, header: 'Authorization' },
      ]);
      expect(lines(warnings)).to.deep.equal([
        `${LEGACY}:4: the params of GoogleOAuth2 are ignored: its only parameter is the audience`,
      ]);
    });
  }

  for (const params of ['[]', '', 'null']) {
    it(`has nothing to say about ${JSON.stringify(params)} as params of GoogleOAuth2`, async () => {
      const { warnings } = await legacy(`authentication:\n  type: GoogleOAuth2\n  params: ${params}`);
      expect(warnings).to.deep.equal([]);
    });
  }

  it('has its run_config replaced as a whole by the environment’s, as Kedro 0.17 did', async () => {
    const prod = 'run_config: {image: "gcr.io/acme/prod:v2", experiment_name: prod}';
    const settings = await load({ [LEGACY]: TEMPLATE, 'conf/prod/airflow-k8s.yaml': prod }, {}, 'prod');
    expect([settings.image.name, settings.image.tags]).to.deep.equal(['gcr.io/acme/prod', ['v2']]);
    expect(settings.runConfig.authentication).to.deep.equal([]);
    expect(settings.runConfig.airflow).to.deep.equal({});
  });

  it('gives way to variables', async () => {
    expect((await load({ [LEGACY]: TEMPLATE }, { KDEPLOY_IMAGE_NAME: 'a/b' })).image.name).to.equal('a/b');
  });

  const images: readonly [image: string, variables: Record<string, string>, name: string | null, tags: string[]][] = [
    ['gcr.io/acme/app:v1', {}, 'gcr.io/acme/app', ['v1']],
    ['host:5000/app', {}, 'host:5000/app', ['latest']],
    ['host:5000/app:v1', {}, 'host:5000/app', ['v1']],
    ['gcr.io/acme/app:${commit_id}', {}, 'gcr.io/acme/app', ['{git.sha}']],
    ['gcr.io/acme/app:${commit_id|dirty}', {}, 'gcr.io/acme/app', ['{git.sha}']],
    ['gcr.io/acme/app:${branch_name|local}', {}, 'gcr.io/acme/app', ['{git.branch}']],
    ['gcr.io/acme/app:${commit_id|dirty}', { KEDRO_CONFIG_COMMIT_ID: 'abc' }, 'gcr.io/acme/app', ['abc']],
    ['gcr.io/${google_project_id}/app:v1', { KEDRO_CONFIG_GOOGLE_PROJECT_ID: 'acme' }, 'gcr.io/acme/app', ['v1']],
    ['gcr.io/${google_project_id|acme}/app', {}, 'gcr.io/acme/app', ['latest']],
    ['gcr.io/${google_project_id}/app:v1', {}, null, ['latest']],
    ['gcr.io/acme/app:${oc.env:TAG}', {}, null, ['latest']],
  ];
  for (const [image, variables, name, tags] of images) {
    it(`takes ${image} with ${JSON.stringify(variables)} for ${name ?? 'no image'}`, async () => {
      const settings = await legacy(`image: "${image}"`, variables);
      expect([settings.image.name, settings.image.tags]).to.deep.equal([name, tags]);
      expect(settings.warnings).to.have.lengthOf(name === null ? 1 : 0);
    });
  }

  it('warns of keys it never had, with the near one', async () => {
    const { warnings } = await load({ [LEGACY]: 'hots: x\nrun_config:\n  startup_time: 600\n  image: a/b' });
    expect(lines(warnings)).to.deep.equal([
      `${LEGACY}:1: unknown key "hots"; ignored`,
      `${LEGACY}:3: unknown key "startup_time"; ignored`,
    ]);
    expect(warnings.map(({ remedy }) => remedy)).to.deep.equal([
      'did you mean "host"?',
      'did you mean "startup_timeout"?',
    ]);
  });

  it('leaves out, with a warning, what has the wrong type and is not needed', async () => {
    const { runConfig, warnings } = await legacy('namespace: airflow\nspark: 3\nstartup_timeout: soon');
    expect(runConfig.airflow).to.deep.equal({ namespace: 'airflow' });
    expect(lines(warnings)).to.include.members([
      `${LEGACY}:4: run_config.startup_timeout is not a duration; ignored`,
      `${LEGACY}:3: run_config.spark must be a mapping, not a number; ignored`,
    ]);
    // All of the key, for a part would mean something else.
    expect(lines((await legacy('volume: {size: 1Gi, owner: root}')).warnings)).to.deep.equal([
      `${LEGACY}:2: run_config.volume.owner must be a whole number, not a string; run_config.volume is ignored`,
    ]);
  });

  it('fills the experiment’s name from KEDRO_CONFIG_ variables and defaults', async () => {
    expect((await legacy('experiment_name: x-${branch_name|local}')).runConfig.experimentName).to.equal('x-local');
    const filled = await legacy('experiment_name: x-${branch_name|local}', { KEDRO_CONFIG_BRANCH_NAME: 'main' });
    expect(filled.runConfig.experimentName).to.equal('x-main');
  });

  it('fills the commit into the run’s name where CI does not tell it, as in a tag', async () => {
    const text = 'run_name: "app:${commit_id}"';
    expect((await legacy(text)).runConfig.runName).to.equal('app:{git.sha}');
    expect((await legacy(text, { KEDRO_CONFIG_COMMIT_ID: 'abc' })).runConfig.runName).to.equal('app:abc');
  });

  it('cannot go on with an experiment whose name is not known, until a variable tells it', async () => {
    const text = 'experiment_name: ${globals:experiment}';
    expect(lines(await problemsOf(legacy(text)))).to.deep.equal([
      `${LEGACY}:2: run_config.experiment_name contains an interpolation (\${…}), which kdeploy does not resolve`,
    ]);
    expect((await legacy(text, { KDEPLOY_EXPERIMENT: 'x' })).runConfig.experimentName).to.equal('x');
  });

  it('says where runs went until now, when the experiment’s name was changed on the way', async () => {
    const { warnings } = await legacy('experiment_name: Airflow K8S Demo');
    expect(warnings[0]?.message).to.contain('"airflow-k8s-demo"');
  });

  it('leaves the placeholders of pod templates alone', async () => {
    const { runConfig } = await legacy('kubernetes_pod_templates:\n  spark: {template: "{x} ${y}"}');
    expect(runConfig.airflow).to.deep.equal({ kubernetes_pod_templates: { spark: { template: '{x} ${y}' } } });
  });

  for (const text of ['', 'run_config:', 'run_config: {}', 'host: x']) {
    it(`takes ${JSON.stringify(text)} for nothing configured`, async () => {
      expect((await load({ [LEGACY]: text })).image.name).to.equal(null);
    });
  }

  it('is refused with its place when its authentication is of no known type', async () => {
    expect(lines(await problemsOf(legacy('authentication:\n  type: Kerberos')))).to.deep.equal([
      `${LEGACY}:3: run_config.authentication.type must be GoogleOAuth2, Vars, OIDC or TokenFile`,
    ]);
  });
});
