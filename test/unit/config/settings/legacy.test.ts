import { expect } from 'chai';
import { loadSettings } from '../../../../src/config/settings/load.js';
import { lines, problemsOf, projectOf } from './project-files.js';

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
  it('is read as it was generated, without a word', async () => {
    const settings = await load({ [LEGACY]: TEMPLATE });
    expect(settings.image.name).to.equal('gcr.io/acme/spaceflights');
    expect(settings.image.tags).to.deep.equal(['latest']);
    expect(settings.runConfig.experimentName).to.equal('spaceflights');
    expect(settings.runConfig.authentication).to.deep.equal([
      { type: 'Vars', params: ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'] },
    ]);
    expect(settings.runConfig.airflow).to.include({ namespace: 'airflow', startup_timeout: 600 });
    expect(settings.sources).to.deep.equal([LEGACY]);
    expect(settings.warnings).to.deep.equal([]);
  });

  it('is not read where there is a kdeploy.yml', async () => {
    const settings = await load({ [LEGACY]: TEMPLATE, 'conf/local/kdeploy.yml': '' });
    expect(settings.image.name).to.equal(null);
    expect(settings.sources).to.deep.equal(['conf/local/kdeploy.yml']);
  });

  it('is read with the ending .yml too', async () => {
    expect((await load({ 'conf/base/airflow-k8s.yml': TEMPLATE })).image.name).to.equal('gcr.io/acme/spaceflights');
  });

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
    expect(lines(warnings)).to.deep.equal([
      `${LEGACY}:4: run_config.startup_timeout must be a whole number, not a string; ignored`,
      `${LEGACY}:3: run_config.spark must be a mapping, not a number; ignored`,
    ]);
  });

  it('fills the experiment’s name from KEDRO_CONFIG_ variables and defaults', async () => {
    expect((await legacy('experiment_name: x-${branch_name|local}')).runConfig.experimentName).to.equal('x-local');
    const filled = await legacy('experiment_name: x-${branch_name|local}', { KEDRO_CONFIG_BRANCH_NAME: 'main' });
    expect(filled.runConfig.experimentName).to.equal('x-main');
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
