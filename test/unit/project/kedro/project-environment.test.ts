import { expect } from 'chai';
import { projectEnvironment } from '../../../../src/project/kedro/project-environment.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('the environment of the project’s own code', () => {
  let project: TemporaryFolder;

  beforeEach(async () => {
    project = await TemporaryFolder.create();
  });

  afterEach(() => project.remove());

  const ENVIRONMENT = {
    PATH: '/usr/bin',
    PWD: '/home/ada/flights',
    HOME: '/home/ada',
    KEDRO_ENV: 'prod',
    MLFLOW_TRACKING_URI: 'https://mlflow.example.com',
    AWS_SECRET_ACCESS_KEY: 'hunter2',
    MLFLOW_TRACKING_PASSWORD: 'hunter2',
    DOCKER_HOST: 'tcp://me:hunter2@engine:2376',
    GITHUB_TOKEN: 'hunter2',
  };

  async function names(files: Readonly<Record<string, string>> = {}): Promise<string[]> {
    await project.write(files);
    return Object.keys(await projectEnvironment(project.path, ENVIRONMENT));
  }

  it('has no credentials in it, and everything else', async () => {
    expect(await names()).to.deep.equal(['PATH', 'PWD', 'HOME', 'KEDRO_ENV', 'MLFLOW_TRACKING_URI']);
  });

  it('has the one that mlflow.yml or the globals name', async () => {
    expect(
      await names({
        'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "https://ada:${oc.env:MLFLOW_TRACKING_PASSWORD}@host"}',
        'conf/base/globals.yml': 'key: ${env:AWS_SECRET_ACCESS_KEY}',
      }),
    ).to.include.members(['MLFLOW_TRACKING_PASSWORD', 'AWS_SECRET_ACCESS_KEY']);
  });

  it('has none that another file names, or a longer word', async () => {
    const found = await names({
      'src/settings.py': 'os.environ["GITHUB_TOKEN"]',
      'conf/base/catalog.yml': 'x: ${oc.env:GITHUB_TOKEN}',
      'conf/local/mlflow.yml': 'x: ${oc.env:OLD_GITHUB_TOKEN_2}',
    });
    expect(found).not.to.include('GITHUB_TOKEN');
  });
});
