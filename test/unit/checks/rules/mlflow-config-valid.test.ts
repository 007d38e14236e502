import { expect } from 'chai';
import { mlflowConfigValid } from '../../../../src/checks/rules/mlflow-config-valid.js';
import { KdeployError } from '../../../../src/errors.js';
import { refuseToExecute } from '../../../../src/project/kedro/not-executed.js';
import { contextWith, findingsOf } from '../../../support/check-rule.js';

async function check(
  yaml: string,
  requirements = 'kedro-mlflow',
): Promise<[where: string, message: string, remedy: string][]> {
  const files = { 'conf/local/mlflow.yml': yaml, 'requirements.txt': requirements };
  const findings = await mlflowConfigValid.check(contextWith({ files }));
  return findings.map(({ message, remedy, place }) => [`${place?.file ?? ''}:${place?.line ?? ''}`, message, remedy]);
}

/** kedro_mlflow/template/project/mlflow.yml of 2.0.3, comments left out. */
const TEMPLATE = `
server:
  mlflow_tracking_uri: null
  mlflow_registry_uri: null
  credentials: null
  request_header_provider:
    type: null
    pass_context: False
    init_kwargs: {}
tracking:
  disable_tracking:
    disable_autologging: True
    pipelines: []
  experiment:
    name: demo
    create_experiment_kwargs:
      artifact_location: null
      tags: null
    restore_if_deleted: True
  run:
    id: null
    name: null
    nested: True
  params:
    dict_params:
      flatten: False
      recursive: True
      sep: "."
    long_params_strategy: fail
ui:
  port: "5000"
  host: "127.0.0.1"
`;

describe('mlflow-config-valid', () => {
  it('is content with the template of kedro-mlflow, an empty file, and no file', async () => {
    expect(await check(TEMPLATE)).to.deep.equal([]);
    expect(await check('# nothing')).to.deep.equal([]);
    expect(await findingsOf(mlflowConfigValid, {})).to.deep.equal([]);
  });

  const problems: [name: string, yaml: string, line: number, message: string, remedy: string][] = [
    [
      'a misspelled key',
      'server:\n  mlflow_trackin_uri: x',
      2,
      'server.mlflow_trackin_uri in mlflow.yml is not a key that kedro-mlflow supports',
      'did you mean mlflow_tracking_uri?',
    ],
    [
      'a misspelled section',
      'traking: {}',
      1,
      'traking in mlflow.yml is not a key that kedro-mlflow supports',
      'did you mean tracking?',
    ],
    [
      'a key of the old flat layout',
      'experiment:\n  name: x',
      1,
      'experiment in mlflow.yml is not a key that kedro-mlflow supports',
      'move it below tracking',
    ],
    [
      'a key from elsewhere',
      'foo: 1',
      1,
      'foo in mlflow.yml is not a key that kedro-mlflow supports',
      'remove it; supported here: server, tracking, ui',
    ],
    [
      'a key of the prototype',
      'constructor: 1',
      1,
      'constructor in mlflow.yml is not a key that kedro-mlflow supports',
      'remove it; supported here: server, tracking, ui',
    ],
    [
      'a section whose keys were commented out',
      'ui:\n  # port: 5000\n',
      1,
      'ui in mlflow.yml is empty',
      'add keys such as port below it, or remove the line',
    ],
    [
      'a section that is a value',
      'tracking:\n  experiment: demo',
      2,
      'tracking.experiment in mlflow.yml is not a section',
      'add keys such as name below it, or remove the line',
    ],
    [
      'a number without quotes',
      'ui:\n  port: 5000',
      2,
      'ui.port in mlflow.yml must be a string',
      'correct the value: put it in quotes',
    ],
    [
      'a strict boolean in quotes',
      'tracking:\n  run:\n    nested: "yes"',
      3,
      'tracking.run.nested in mlflow.yml must be true or false',
      'correct the value',
    ],
    [
      'an empty list',
      'tracking:\n  disable_tracking:\n    pipelines:',
      3,
      'tracking.disable_tracking.pipelines in mlflow.yml must be a list of strings',
      'correct the value',
    ],
    [
      'a word out of a fixed set',
      'tracking: {params: {long_params_strategy: cut}}',
      1,
      'tracking.params.long_params_strategy in mlflow.yml must be one of fail, truncate, tag',
      'correct the value',
    ],
  ];
  for (const [name, yaml, line, message, remedy] of problems) {
    it(`reports ${name}`, async () =>
      expect(await check(yaml)).to.deep.equal([[`conf/local/mlflow.yml:${line}`, message, remedy]]));
  }

  it('reports all problems at once', async () => {
    expect(await check('a: 1\nb: 2\nserver:\n  c: 3\n')).to.have.length(3);
  });

  it('never repeats a value, which may be a password at the wrong key', async () => {
    expect(
      JSON.stringify(await check('server:\n  credentials: [hunter2]\n  password: hunter2\nui: hunter2')),
    ).to.not.contain('hunter2');
  });

  it('accepts what pydantic takes for a boolean where kedro-mlflow is not strict', async () => {
    expect(await check('server: {request_header_provider: {pass_context: "true"}}')).to.deep.equal([]);
  });

  it('knows which keys older versions lack', async () => {
    const yaml = 'tracking:\n  disable_tracking:\n    disable_autologging: true\n';
    expect(await check(yaml, 'kedro_mlflow==0.14.4')).to.deep.equal([]);
    expect(await check(yaml, 'kedro_mlflow>=0.12')).to.deep.equal([]);
    expect(await check(yaml, 'kedro_mlflow==0.12.1')).to.deep.equal([
      [
        'conf/local/mlflow.yml:3',
        'kedro-mlflow 0.12.1 does not support tracking.disable_tracking.disable_autologging, which was added in 0.14.4',
        'remove the key, or require kedro-mlflow>=0.14.4',
      ],
    ]);
  });

  it('reports YAML that is broken, with its line', async () => {
    const [finding] = await findingsOf(mlflowConfigValid, {
      files: { 'conf/local/mlflow.yml': 'server:\n  a: 1\n a: 2\n' },
    });
    expect(finding).to.match(/^error conf\/local\/mlflow\.yml:\d: conf\/local\/mlflow\.yml is not valid YAML: /);
  });

  it('reports that Kedro could not resolve it', async () => {
    const findings = await findingsOf(mlflowConfigValid, {
      files: { 'conf/local/mlflow.yml': 'a: ${b}' },
      resolveWithKedro: (reason) => Promise.reject(new KdeployError('tool-missing', `${reason}, and kedro is missing`)),
    });
    expect(findings).to.deep.equal(['error: mlflow.yml uses ${…}, and kedro is missing']);
  });

  it('knows the key that kedro-mlflow had from 0.8 to 0.10 only', async () => {
    const yaml = 'server:\n  mlflow_tracking_uri: https://m\n  stores_environment_variables: {}\n';
    for (const version of ['==0.8.1', '==0.10.0', '<0.11', '>=0.8,<0.9'])
      expect(await check(yaml, `kedro-mlflow${version}`), version).to.deep.equal([]);
    for (const version of ['', '==0.11.0', '<1', '>=0.8', '~=0.11'])
      expect(await check(yaml, `kedro-mlflow${version}`), version).to.deep.equal([
        [
          'conf/local/mlflow.yml:3',
          'server.stores_environment_variables in mlflow.yml is not a key that kedro-mlflow supports',
          'remove it; supported here: mlflow_tracking_uri, mlflow_registry_uri, credentials, request_header_provider',
        ],
      ]);
  });

  it('says once that a kedro-mlflow before 0.8 reads another form', async () => {
    const yaml = 'mlflow_tracking_uri: https://m\nexperiment:\n  name: x\nhooks:\n  node: {}\n';
    for (const version of ['==0.7.6', '<0.8', '~=0.7.2'])
      expect(await check(yaml, `kedro-mlflow${version}`), version).to.deep.equal([
        [
          'conf/local/mlflow.yml:',
          'kdeploy does not support the mlflow.yml format of kedro-mlflow before 0.8',
          'require kedro-mlflow>=0.8, and recreate the file: kedro mlflow init --force',
        ],
      ]);
    expect(await check(yaml, 'kedro-mlflow>=0.7')).to.have.length(3);
  });

  it('warns where only Kedro can read it, and nothing of the project may be started', async () => {
    const files = {
      'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "${custom:uri}"}',
      'requirements.txt': 'kedro-mlflow',
    };
    const [finding, ...others] = await findingsOf(mlflowConfigValid, { files, resolveWithKedro: refuseToExecute });
    expect(finding).to.match(
      /^warning: .*, which only Kedro can read, and --no-execute starts nothing of the project$/,
    );
    expect(others).to.deep.equal([]);
  });
});
