import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { projectModel, valueOf, type ProjectModel, type ProjectModelOptions } from '../../../src/project/model.js';
import { workTree } from '../../../src/project/sources/work-tree.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith, type SettingsChanges } from '../../support/settings.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('the model of a project', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder.remove());

  const model = (
    files: Readonly<Record<string, string>>,
    settings: SettingsChanges = {},
    options: Partial<ProjectModelOptions> = {},
  ): ProjectModel =>
    projectModel({
      project: {
        root: folder.path,
        name: 'Demo',
        packageName: 'demo',
        sourceFolder: 'src',
        source: memorySource(files),
      },
      settings: settingsWith(settings),
      env: undefined,
      processEnvironment: {},
      ...options,
    });
  const baseImage = async (...given: Parameters<typeof model>): Promise<string | undefined> =>
    valueOf(await model(...given).dockerfile()).baseImage;
  /** A kedro in a virtual environment of Python 3.12. */
  const withKedro = async (): Promise<Partial<ProjectModelOptions>> => {
    await folder.write({ 'venv/pyvenv.cfg': 'version = 3.12.4', 'venv/bin/kedro': '#!/bin/sh\n' });
    await chmod(folder.file('venv/bin/kedro'), 0o755);
    return { kedro: folder.file('venv/bin/kedro') };
  };

  describe('reads the Dockerfile with the build arguments of the build', () => {
    const FROM_ARGUMENT = { Dockerfile: 'ARG BASE_IMAGE=python:3.9-slim\nFROM $BASE_IMAGE' };

    it('the base image that is set, where the Dockerfile takes it', async () => {
      expect(await baseImage(FROM_ARGUMENT, { image: { base: 'python:3.12' } })).to.equal('python:3.12');
      expect(await baseImage({ Dockerfile: 'FROM debian:12' }, { image: { base: 'python:3.12' } })).to.equal(
        'debian:12',
      );
    });

    it('else the one that kedro docker takes, never the Dockerfile’s own default', async () => {
      expect(await baseImage(FROM_ARGUMENT, {}, await withKedro())).to.equal('python:3.12-slim');
      expect(await baseImage(FROM_ARGUMENT)).to.equal('python:slim');
    });

    it('no base image, where the engine builds and kedro’s Python is not known', async () => {
      const settings: SettingsChanges = { image: { builder: 'engine' } };
      expect(await baseImage(FROM_ARGUMENT, settings)).to.equal('python:3.9-slim');
      expect(await baseImage(FROM_ARGUMENT, settings, await withKedro())).to.equal('python:3.12-slim');
      const FALLBACK = { Dockerfile: 'ARG BASE_IMAGE\nFROM ${BASE_IMAGE:-python:3.10-slim} AS b\nFROM b' };
      expect(await baseImage(FALLBACK, settings)).to.equal('python:3.10-slim');
    });

    it('the base image of a Python outside of a virtual environment', async () => {
      await folder.write({ 'opt/bin/python3.11': '', 'opt/bin/kedro': `#!${folder.file('opt/bin/python3.11')}\n` });
      for (const file of ['opt/bin/python3.11', 'opt/bin/kedro']) await chmod(folder.file(file), 0o755);
      expect(await baseImage(FROM_ARGUMENT, {}, { kedro: folder.file('opt/bin/kedro') })).to.equal('python:3.11-slim');
    });

    it('the user’s own, from the environment too', async () => {
      const files = { Dockerfile: 'ARG REGISTRY=docker.io\nARG VERSION=3.9\nFROM $REGISTRY/python:$VERSION' };
      const build = { args: { VERSION: '3.11', REGISTRY: null } };
      const processEnvironment = { REGISTRY: 'registry.example.com' };
      expect(await baseImage(files, { build }, { processEnvironment })).to.equal('registry.example.com/python:3.11');
      expect(await baseImage(files, { build })).to.equal('docker.io/python:3.11');
    });

    it('the user’s own BASE_IMAGE over everybody’s', async () => {
      const settings = { image: { base: 'python:3.12' }, build: { args: { BASE_IMAGE: 'python:3.10' } } };
      expect(await baseImage(FROM_ARGUMENT, settings)).to.equal('python:3.10');
    });

    it('the owner of the files, as kedro docker passes it', async () => {
      const files = { Dockerfile: 'FROM python:3.11\nARG KEDRO_UID=1\nUSER $KEDRO_UID' };
      expect(valueOf(await model(files, { build: { uid: 1234 } }).dockerfile()).user).to.equal('1234');
    });

    it('the platform', async () => {
      const files = { Dockerfile: 'ARG TARGETARCH\nFROM python:3.11-$TARGETARCH' };
      expect(await baseImage(files, { image: { platform: 'linux/arm64' } })).to.equal('python:3.11-arm64');
    });
  });

  it('takes kedro docker’s template where there is no Dockerfile, on kedro docker’s base image', async () => {
    const dockerfile = valueOf(await model({ 'requirements.txt': '' }, {}, await withKedro()).dockerfile());
    expect(dockerfile).to.deep.include({ isTemplate: true, baseImage: 'python:3.12-slim', pythonVersion: '3.12' });
  });

  describe('takes what the project’s own kedro-docker would write where there is no Dockerfile', () => {
    /** kedro-docker 0.4.0 and 0.6.2, template/Dockerfile.simple, from the first to the last installation. */
    const TEMPLATES: [version: string, requirements: string, lines: string[]][] = [
      [
        '0.4.0',
        'src/requirements.txt',
        ['COPY src/requirements.txt /tmp/requirements.txt', 'RUN pip install --no-cache -r /tmp/requirements.txt'],
      ],
      [
        '0.6.2',
        'requirements.txt',
        [
          'RUN python -m pip install -U "pip>=21.2"',
          'RUN pip install uv',
          'COPY requirements.txt /tmp/requirements.txt',
          'RUN uv pip install --system -r /tmp/requirements.txt',
        ],
      ],
    ];
    const REST = [
      'ARG KEDRO_UID=999',
      'ARG KEDRO_GID=0',
      'RUN useradd -m -d /home/kedro_docker -g ${KEDRO_GID} -u ${KEDRO_UID} kedro_docker',
      'WORKDIR /home/kedro_docker',
      'USER kedro_docker',
      'COPY --chown=${KEDRO_UID}:${KEDRO_GID} . .',
      'CMD ["kedro", "run"]',
    ];
    for (const [version, requirements, lines] of TEMPLATES) {
      it(version, async () => {
        const text = ['ARG BASE_IMAGE=python:3.9-slim', 'FROM $BASE_IMAGE', ...lines, ...REST].join('\n');
        await folder.write({ 'venv/lib/python3.12/site-packages/kedro_docker/template/Dockerfile.simple': text });
        const more = requirements.replace('requirements', 'more');
        const files = { [requirements]: 'kedro-mlflow\n-r more.txt\n', [more]: 'kedro\n' };
        const own = model(files, { build: { uid: 33 } }, await withKedro());
        const dockerfile = valueOf(await own.dockerfile());
        expect(dockerfile).to.deep.include({
          isTemplate: true,
          baseImage: 'python:3.12-slim',
          workdir: '/home/kedro_docker',
          user: 'kedro_docker',
        });
        expect(dockerfile.madeUsers.map(({ name, uid, isOwner }) => [name, uid, isOwner])).to.deep.equal([
          ['kedro_docker', '33', true],
        ]);
        const { installedFiles, problems } = await own.requirements();
        expect(installedFiles).to.deep.equal([requirements]);
        expect(dockerfile.installs.at(-1)?.place).to.deep.equal({ file: requirements });
        expect(problems.map(({ kind }) => kind)).to.deep.equal(['not-copied']);
      });
    }
  });

  it('says which file is missing, where another Dockerfile was named', async () => {
    const other = model({}, { image: { dockerfile: 'docker/kedro' } });
    const error = await rejection(other.dockerfile().then(valueOf));
    expect(error).to.include({ code: 'configuration', message: 'the project has no docker/kedro' });
  });

  it('reads each file once', async () => {
    const source = memorySource({ Dockerfile: 'FROM python:3.11', 'requirements.txt': 'kedro' });
    const project = { root: folder.path, name: 'Demo', packageName: 'demo', sourceFolder: 'src', source };
    const shared = model({}, {}, { project });
    await Promise.all([shared.dockerfile(), shared.requirements(), shared.buildContext(), shared.dockerfile()]);
    expect(source.reads).to.deep.equal([...new Set(source.reads)]);
  });

  it('finds no kedro, rather than failing, where there is none', async () => {
    const none = model({}, {}, { kedro: folder.file('none') });
    expect([await none.kedro(), await none.defaultBaseImage()]).to.deep.equal([undefined, undefined]);
  });

  it('passes a bug on', async () => {
    const source = { ...workTree(folder.path), read: () => Promise.reject(new TypeError('x is not a function')) };
    const project = { root: folder.path, name: 'Demo', packageName: 'demo', sourceFolder: 'src', source };
    const thrown = await model({}, {}, { project })
      .dockerfile()
      .catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(TypeError);
  });
});
