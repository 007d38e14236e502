import { captureOutput } from '@oclif/test';
import { expect } from 'chai';
import Init from '../../../src/commands/init.js';
import { TemporaryRepository } from '../git/temporary-repository.js';
import { commandConfig } from '../../unit/commands/command-config.js';

const WHEEL = 'tools/kdeploy-0.1.0-py3-none-any.whl';

/** The same command as `kdeploy init --ci`, run in this process. */
describe('kdeploy init --ci, as it is typed', () => {
  let repository: TemporaryRepository;
  const listeners = new Map<string, readonly unknown[]>();
  const { KEDRO_ENV } = process.env;

  beforeEach(async () => {
    delete process.env.KEDRO_ENV;
    for (const name of ['SIGINT', 'SIGTERM']) listeners.set(name, process.rawListeners(name));
    repository = await TemporaryRepository.create();
    const pyproject = '[tool.kedro]\npackage_name = "flights"\nproject_name = "x"\nkedro_init_version = "1.0.0"\n';
    await repository.write('pyproject.toml', pyproject);
    await repository.write('Dockerfile', 'FROM python:3.11-slim\n');
    const settings = {
      image: { name: 'ghcr.io/acme/flights' },
      mlflow: { tracking_uri: 'https://mlflow.example.com' },
    };
    await repository.write('conf/base/kdeploy.yml', JSON.stringify(settings));
  });
  afterEach(async () => {
    process.exitCode = undefined;
    if (KEDRO_ENV !== undefined) process.env.KEDRO_ENV = KEDRO_ENV;
    for (const name of ['SIGINT', 'SIGTERM']) {
      for (const listener of process.rawListeners(name)) {
        if (listeners.get(name)?.includes(listener) !== true) process.removeListener(name, listener as () => void);
      }
    }
    await repository.remove();
  });

  const run = async (...argv: string[]) => {
    const { stdout, stderr } = await captureOutput(async () =>
      Init.run(['--project', repository.root, ...argv], await commandConfig()),
    );
    return { stdout, stderr, exitCode: process.exitCode };
  };

  it('prints the file that it wrote, and what is left to do', async () => {
    const { stdout, stderr, exitCode } = await run('--ci', 'github', '--kdeploy-package', WHEEL);
    expect([stdout, exitCode]).to.deep.equal(['.github/workflows/kdeploy.yml\n', undefined]);
    expect(stderr).to.equal(
      'next:\n' +
        "  nothing to set up for ghcr.io/acme/flights: workflows can push packages that this repository created. For an older package, grant the repository write access in the package's settings\n" +
        '  review .github/workflows/kdeploy.yml, commit it and push: GitHub Actions does the rest\n',
    );
  });

  it('exits with 2 where there is no pipeline that could install anything', async () => {
    const { stderr, exitCode } = await run('--kdeploy-package', WHEEL);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('--ci');
  });

  it('tells the same as JSON', async () => {
    const { file, pipeline, nextSteps } = JSON.parse((await run('--ci', 'cloudbuild', '--json')).stdout) as {
      file: null;
      pipeline: object;
      nextSteps: object[];
    };
    expect(file).to.equal(null);
    expect(pipeline).to.deep.equal({ platform: 'cloudbuild', file: 'cloudbuild.yaml', replaced: false });
    expect(nextSteps).to.have.length.above(3);
  });

  it('exits with 2 for a service that it does not know, and names those that it does', async () => {
    const { stderr, exitCode } = await run('--ci', 'jenkins');
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('github, gitlab, cloudbuild');
  });
});
