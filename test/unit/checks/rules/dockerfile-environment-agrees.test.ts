import { expect } from 'chai';
import { dockerfileEnvironmentAgrees } from '../../../../src/checks/rules/dockerfile-environment-agrees.js';
import { bakedEnvironment } from '../../../../src/image/baked-environment.js';
import { findingsOf, remediesOf, type ContextGiven } from '../../../support/check-rule.js';

const MLFLOW = { 'conf/base/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://mlflow.example.com\n' };

const given = (lines: readonly string[], more: Partial<ContextGiven> = {}): ContextGiven => ({
  ...more,
  files: { ...MLFLOW, Dockerfile: ['FROM python:3.11', ...lines].join('\n'), ...more.files },
});
const findings = (lines: readonly string[], more?: Partial<ContextGiven>) =>
  findingsOf(dockerfileEnvironmentAgrees, given(lines, more));

const other = (name: string, configured: string, line = 2) =>
  `error Dockerfile:${line}: Dockerfile sets ${name} to another value than the image gets (configured: ${configured})`;

describe('dockerfile-environment-agrees', () => {
  const contradicting: [name: string, lines: string[], expected: string, more?: Partial<ContextGiven>][] = [
    ['another Kedro environment', ['ENV KEDRO_ENV=prod'], other('KEDRO_ENV', 'local')],
    ['the default one, where another is built', ['ENV KEDRO_ENV local'], other('KEDRO_ENV', 'prod'), { env: 'prod' }],
    [
      'another server',
      ['ENV A=1 MLFLOW_TRACKING_URI="https://other.example.com"'],
      other('MLFLOW_TRACKING_URI', 'https://mlflow.example.com'),
    ],
    ['another experiment', ['ENV MLFLOW_EXPERIMENT_NAME=x'], other('MLFLOW_EXPERIMENT_NAME', 'demo')],
    ['the default of an ARG', ['ARG E=prod', 'ENV KEDRO_ENV=${E:-local}'], other('KEDRO_ENV', 'local', 3)],
    [
      'a build argument',
      ['ARG E', 'ENV KEDRO_ENV=$E'],
      other('KEDRO_ENV', 'local', 3),
      { settings: { build: { args: { E: 'prod' } } } },
    ],
    [
      'a stage that the last one starts from',
      ['AS b', 'ENV KEDRO_ENV=prod', 'FROM b', 'RUN true'],
      other('KEDRO_ENV', 'local', 3),
    ],
    ['ONBUILD of such a stage', ['AS b', 'ONBUILD ENV KEDRO_ENV=prod', 'FROM b'], other('KEDRO_ENV', 'local', 3)],
    [
      'a run',
      ['ENV MLFLOW_RUN_ID=0123'],
      'error Dockerfile:2: Dockerfile sets MLFLOW_RUN_ID, so every container would join the same MLflow run',
    ],
  ];
  for (const [name, [first = '', ...rest], expected, more] of contradicting) {
    it(`says before the build that ENV sets ${name}`, async () => {
      const Dockerfile = first.startsWith('AS')
        ? [`FROM python:3.11 ${first}`, '#', ...rest].join('\n')
        : ['FROM python:3.11', first, ...rest].join('\n');
      expect(await findings([], { ...more, files: { Dockerfile } })).to.deep.equal([expected]);
    });
  }

  const agreeing: [name: string, lines: string[], more?: Partial<ContextGiven>][] = [
    ['the same values', ['ENV KEDRO_ENV=local MLFLOW_TRACKING_URI=https://mlflow.example.com']],
    ['the environment that is built', ['ENV KEDRO_ENV=prod'], { env: 'prod' }],
    ['an empty value', ['ENV KEDRO_ENV=', 'ENV MLFLOW_RUN_ID=""']],
    ['a value that is taken back', ['ENV KEDRO_ENV=prod', 'ENV KEDRO_ENV=local']],
    ['a value that is not known', ['ARG E', 'ENV KEDRO_ENV=$E']],
    ['an ARG alone', ['ARG KEDRO_ENV=prod']],
    ['other variables', ['ENV KEDRO_LOGGING_CONFIG=/x MLFLOW_HTTP_REQUEST_TIMEOUT=9 PYTHONPATH=/app/src']],
    ['a variable of a RUN', ['RUN KEDRO_ENV=prod kedro registry list']],
    ['another stage', ['ENV KEDRO_ENV=prod', 'FROM python:3.11']],
    ['no tracking URI, which another rule reports', ['ENV KEDRO_ENV=prod'], { files: { 'conf/base/mlflow.yml': '' } }],
  ];
  for (const [name, lines, more] of agreeing)
    it(`is content with ${name}`, async () => expect(await findings(lines, more)).to.deep.equal([]));

  it('takes the default environment of settings.py', async () => {
    const settings = 'CONFIG_LOADER_ARGS = {"default_run_env": "dev", "base_env": "base"}\n';
    const files = { 'src/demo/settings.py': settings };
    expect(await findings(['ENV KEDRO_ENV=dev'], { files })).to.deep.equal([]);
    expect(await findings(['ENV KEDRO_ENV=local'], { files })).to.deep.equal([other('KEDRO_ENV', 'dev')]);
  });

  it('shows no password, neither of the Dockerfile nor of the configuration', async () => {
    const found = await findings(['ENV MLFLOW_TRACKING_URI=https://me:hunter2@a'], {
      files: { 'conf/base/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://you:hunter3@b\n' },
    });
    expect(found).to.have.length(1);
    expect(found.join()).not.to.match(/hunter/);
  });

  it('advises what the bake advises', async () => {
    expect(await remediesOf(dockerfileEnvironmentAgrees, given(['ENV KEDRO_ENV=prod']))).to.deep.equal([
      'build for that environment: --env prod; or remove the ENV line from the Dockerfile',
    ]);
  });

  it('says of every variable what the bake says of it', async () => {
    const names = [
      'KEDRO_ENV',
      'KDEPLOY_AUTH',
      'KDEPLOY_RUN_NAME',
      'KDEPLOY_ON_UNREACHABLE',
      'KDEPLOY_RUN_KEY',
      'PATH',
    ];
    for (const name of names) {
      const isRefused = (() => {
        try {
          bakedEnvironment({
            image: [`${name}=x`],
            env: 'local',
            isDefaultEnv: true,
            tracking: {
              ...{ uri: 'https://mlflow.example.com', registryUri: undefined, experiment: 'demo', mlflowYaml: '' },
              ...{ authentication: undefined, authenticationTypes: [], signsRequests: false, runName: undefined },
              ...{
                onUnreachable: 'fail',
                experimentOptions: undefined,
                mlflowFiles: [],
                selfTestSubject: '',
                runtime: [],
              },
            },
          });
          return false;
        } catch {
          return true;
        }
      })();
      expect(await findings([`ENV ${name}=x`]), name).to.have.length(isRefused ? 1 : 0);
    }
  });
});
