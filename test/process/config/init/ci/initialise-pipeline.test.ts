import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { initialiseWithPipeline, type PipelineOptions } from '../../../../../src/config/init/ci/initialise-pipeline.js';
import { KdeployError } from '../../../../../src/errors.js';
import { findProject } from '../../../../../src/project/project.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryRepository, temporaryFolder } from '../../../git/temporary-repository.js';

const PYPROJECT = '[tool.kedro]\npackage_name = "space_flights"\nproject_name = "x"\nkedro_init_version = "1.0.0"\n';
const WORKFLOW = '.github/workflows/kdeploy.yml';

describe('kdeploy init --ci', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    await project();
  });
  afterEach(() => repository.remove());

  const project = async (folder = '') => {
    await repository.write(join(folder, 'pyproject.toml'), PYPROJECT);
    await repository.write(join(folder, '.gitignore'), 'conf/local/*\n');
    await repository.write(join(folder, 'Dockerfile'), 'FROM python:3.11-slim\n');
  };
  const initialise = async (options: Partial<PipelineOptions> = {}, folder = '') =>
    initialiseWithPipeline({
      project: await findProject(join(repository.root, folder)),
      env: 'local',
      image: undefined,
      platform: 'github',
      force: false,
      kdeployVersion: '1.2.3',
      ...options,
    });
  const configure = (text = 'image: {name: ghcr.io/acme/flights}') => repository.write('conf/base/kdeploy.yml', text);
  const read = (file: string) => readFile(join(repository.root, file), 'utf8');
  const everything = async () =>
    (await readdir(repository.root, { recursive: true })).filter((each) => !each.startsWith('.git/'));
  const steps = ({ nextSteps }: { nextSteps: readonly { text: string; command?: string }[] }) =>
    nextSteps.map(({ text, command = '' }) => `${command} # ${text}`).join('\n');

  it('writes both files in a project that has none, and says where', async () => {
    const result = await initialise({ image: 'ghcr.io/acme/flights' });
    expect(result).to.deep.include({
      file: 'conf/base/kdeploy.yml',
      pipeline: { platform: 'github', file: WORKFLOW, replaced: false },
    });
    expect(await read('conf/base/kdeploy.yml')).to.contain('name: ghcr.io/acme/flights');
    const { env } = parse(await read(WORKFLOW)) as { env: Record<string, string> };
    expect(env.KDEPLOY_PACKAGE, 'the name is not the project’s yet').to.equal('');
    expect(steps(result)).to.contain(`set KDEPLOY_PACKAGE in ${WORKFLOW}`);
  });

  it('installs the file that it is told to', async () => {
    const kdeployPackage = 'tools/kdeploy-0.1.0-py3-none-any.whl';
    const result = await initialise({ image: 'ghcr.io/acme/flights', kdeployPackage });
    expect(parse(await read(WORKFLOW))).to.have.nested.property('env.KDEPLOY_PACKAGE', kdeployPackage);
    expect(steps(result)).not.to.contain('KDEPLOY_PACKAGE');
  });

  it('keeps a kdeploy.yml that is there, with force as well, and needs none for it', async () => {
    await configure();
    for (const force of [false, true]) {
      expect((await initialise({ force })).file).to.equal(null);
      expect(await read('conf/base/kdeploy.yml')).to.equal('image: {name: ghcr.io/acme/flights}');
    }
  });

  it('refuses an image beside a kdeploy.yml, which would overrule it', async () => {
    await configure();
    const error = await rejection(initialise({ image: 'ghcr.io/acme/other' }));
    expect([error.code, error.message]).to.deep.equal([
      'usage',
      'conf/base/kdeploy.yml already exists, and its image.name applies',
    ]);
  });

  it('leaves a pipeline that is there as it is, and writes no kdeploy.yml either', async () => {
    await repository.write(WORKFLOW, 'mine');
    const error = await rejection(initialise({ image: 'ghcr.io/acme/flights' }));
    expect([error.code, error.exitCode]).to.deep.equal(['usage', 2]);
    expect(error.hint).to.contain('kdeploy init --ci github --force');
    expect(await read(WORKFLOW)).to.equal('mine');
    expect(await everything()).not.to.include('conf/base/kdeploy.yml');
  });

  it('replaces it with force', async () => {
    await configure();
    await repository.write(WORKFLOW, 'mine');
    expect((await initialise({ force: true })).pipeline.replaced).to.equal(true);
    expect(parse(await read(WORKFLOW))).to.have.property('jobs');
  });

  it('never replaces somebody’s .gitlab-ci.yml, not even with force', async () => {
    await configure();
    await repository.write('.gitlab-ci.yml', 'build: {script: make}');
    for (const force of [false, true]) {
      const result = await initialise({ platform: 'gitlab', force });
      expect(result.pipeline.file).to.equal('.gitlab/kdeploy.yml');
      expect(steps(result)).to.contain('add to .gitlab-ci.yml:');
    }
    expect(await read('.gitlab-ci.yml')).to.equal('build: {script: make}');
  });

  it('writes to the root of the repository for a project in a folder with spaces', async () => {
    await project('my pipelines/flights');
    const result = await initialise({ image: 'ghcr.io/acme/flights' }, 'my pipelines/flights');
    expect(result.pipeline.file).to.equal('.github/workflows/kdeploy-space-flights.yml');
    expect(parse(await read(result.pipeline.file))).to.deep.include({
      defaults: { run: { 'working-directory': 'my pipelines/flights' } },
    });
  });

  describe('refuses', () => {
    const refused = async (options: Partial<PipelineOptions>, folder?: string) => {
      const before = await everything();
      const error = await rejection(initialise(options, folder));
      expect(error.code).to.equal('usage');
      expect(error.hint, 'a next step').to.be.a('string');
      expect(await everything(), 'nothing is written').to.deep.equal(before);
      return error.message;
    };

    it('an image that nobody has named', async () => {
      expect(await refused({})).to.equal(
        'no image name is configured, so the registry that the pipeline logs in to is unknown',
      );
    });

    it('an image that only an ignored file names, which is not there in CI', async () => {
      await repository.write('conf/local/kdeploy.yml', 'image: {name: ghcr.io/acme/flights}');
      expect(await refused({})).to.contain('no image name is configured');
    });

    it('a registry that no CI service reaches', async () => {
      expect(await refused({ image: 'localhost:5000/flights' })).to.contain('which a CI service cannot reach');
    });

    it('a registry whose passwords end, from Cloud Build', async () => {
      const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/flights';
      expect(await refused({ platform: 'cloudbuild', image })).to.contain('Cloud Build can log in to');
    });

    for (const folder of ['a$(touch x)', 'a`b', 'a"b', 'a\\b', '${{ secrets.X }}', 'a\nb']) {
      it(`a folder whose name would be code: ${JSON.stringify(folder)}`, async () => {
        await project(folder);
        expect(await refused({ image: 'ghcr.io/acme/flights' }, folder)).to.contain(
          'which a pipeline file cannot contain',
        );
      });
    }

    it('a project without a repository', async () => {
      await rm(join(repository.root, '.git'), { recursive: true });
      expect(await refused({ image: 'ghcr.io/acme/flights' })).to.contain('is not in a git repository');
    });

    for (const link of ['.github', '.github/workflows', WORKFLOW]) {
      it(`to write through ${link} where it is a link out of the repository`, async () => {
        const outside = await temporaryFolder();
        await mkdir(join(repository.root, link, '..'), { recursive: true });
        await symlink(outside, join(repository.root, link));
        for (const force of [false, true]) {
          expect(await refused({ image: 'ghcr.io/acme/flights', force })).to.contain('leads out of the repository');
        }
        expect(await readdir(outside)).to.deep.equal([]);
        await rm(outside, { recursive: true });
      });
    }

    it('to write through a link that leads nowhere', async () => {
      await symlink('/nonexistent/place', join(repository.root, '.github'));
      expect(await refused({ image: 'ghcr.io/acme/flights' })).to.contain('leads out of the repository');
    });
  });

  it('writes through a link that stays in the repository', async () => {
    await mkdir(join(repository.root, 'ci'));
    await symlink('ci', join(repository.root, '.github'));
    await initialise({ image: 'ghcr.io/acme/flights' });
    expect(await read('ci/workflows/kdeploy.yml')).to.contain('kdeploy check');
  });

  it('does not take the place of a link with force, but of what it writes', async () => {
    await repository.write('other.yml', 'other');
    await mkdir(join(repository.root, '.github/workflows'), { recursive: true });
    await symlink('../../other.yml', join(repository.root, WORKFLOW));
    await initialise({ image: 'ghcr.io/acme/flights', force: true });
    expect(await read('other.yml')).to.equal('other');
  });

  describe('says what a clone lacks:', () => {
    beforeEach(() => configure());

    it('the MLflow server, when only conf/local names it', async () => {
      await repository.write('conf/local/mlflow.yml', 'server: {mlflow_tracking_uri: https://mlflow.example.com}');
      expect(steps(await initialise())).to.contain('conf/local is not in git, so CI does not know the MLflow server');
    });

    for (const [where, file, text] of [
      ['the base environment', 'conf/base/mlflow.yml', 'server: {mlflow_tracking_uri: https://mlflow.example.com}'],
      ['the environment', 'conf/production/mlflow.yml', 'server: {mlflow_tracking_uri: https://mlflow.example.com}'],
      ['kdeploy.yml', 'conf/production/kdeploy.yml', 'mlflow: {tracking_uri: https://mlflow.example.com}'],
      ['kdeploy.yml, which has no tracking', 'conf/production/kdeploy.yml', 'mlflow: {enabled: false}'],
    ] as const) {
      it(`nothing, when ${where} says it`, async () => {
        await repository.write(file, text);
        expect(steps(await initialise({ env: 'production' }))).not.to.contain('MLflow server');
      });
    }

    it('the mlflow.yml of the environment that is deployed', async () => {
      expect(steps(await initialise({ env: 'production' }))).to.contain('kedro mlflow init --env production # ');
    });

    it('a Dockerfile, when there is none and one is wanted', async () => {
      await rm(join(repository.root, 'Dockerfile'));
      expect(steps(await initialise()), 'the builder layers wants none').not.to.contain('kedro docker init');
      await configure('image: {name: ghcr.io/acme/flights, builder: kedro}');
      expect(steps(await initialise({ force: true }))).to.contain('kedro docker init # ');
    });

    it('the base image, when the Dockerfile takes it from outside and nobody says which', async () => {
      await configure('image: {name: ghcr.io/acme/flights, builder: engine}');
      await repository.write('Dockerfile', 'ARG BASE_IMAGE=python:3.9-slim\nFROM $BASE_IMAGE\n');
      const { PATH, VIRTUAL_ENV, KDEPLOY_KEDRO } = process.env;
      // A machine with git, and without any kedro.
      const bin = await temporaryFolder();
      await symlink(execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), join(bin, 'git'));
      Object.assign(process.env, { PATH: bin, VIRTUAL_ENV: '', KDEPLOY_KEDRO: '' });
      try {
        expect(steps(await initialise())).to.contain("otherwise CI uses the Dockerfile's own default, python:3.9-slim");
        expect(await read(WORKFLOW)).not.to.contain('KDEPLOY_IMAGE_BASE');
        await rm(join(repository.root, 'Dockerfile'));
        expect(steps(await initialise({ force: true }))).to.contain(
          "otherwise CI uses the Dockerfile's own default, an old Python",
        );
        await configure();
        expect(steps(await initialise({ force: true })), 'without a Dockerfile').to.contain(
          'CI has no Python of the project to choose it by',
        );
      } finally {
        for (const [name, value] of Object.entries({ PATH, VIRTUAL_ENV, KDEPLOY_KEDRO })) {
          if (value === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = value;
        }
        await rm(bin, { recursive: true });
      }
    });
  });

  it('names the base image that this machine’s kedro would choose', async () => {
    await configure();
    await repository.write('Dockerfile', 'ARG BASE_IMAGE=python:3.9-slim\nFROM $BASE_IMAGE\n');
    await repository.write('.venv/bin/kedro', '#!/bin/sh\n');
    await repository.write('.venv/bin/python', '#!/bin/sh\n');
    await repository.write('.venv/pyvenv.cfg', 'version = 3.12.4\n');
    for (const name of ['kedro', 'python']) await chmod(join(repository.root, '.venv/bin', name), 0o755);
    const result = await initialise();
    expect((parse(await read(WORKFLOW)) as { env: object }).env).to.include({ KDEPLOY_IMAGE_BASE: 'python:3.12-slim' });
    expect(steps(result)).not.to.contain('image.base');
  });

  it('installs Kedro where mlflow.yml can only be read by it, in the Python of the project', async () => {
    await configure('image: {name: ghcr.io/acme/flights, base: "python:3.10-slim"}');
    await repository.write('requirements.txt', 'kedro\n');
    await repository.write('conf/production/mlflow.yml', 'server: {mlflow_tracking_uri: "${company:uri}"}');
    await initialise({ env: 'production' });
    const text = await read(WORKFLOW);
    expect(text).to.contain("python-version: '3.10'").and.to.contain('pip install -r requirements.txt');
  });

  it('is a KdeployError with the place when kdeploy.yml is wrong, and writes nothing', async () => {
    await configure('imge: {}');
    const error = await rejection(initialise());
    expect(error).to.be.instanceOf(KdeployError);
    expect(await everything()).not.to.include(WORKFLOW);
  });
});
