import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { baseImageOf, defaultBaseImage, kedroDockerBaseImage } from '../../../src/builders/base-image.js';
import { memorySource } from '../../support/memory-source.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { projectOf, settings } from './projects.js';

describe('the base image', () => {
  const DOCKERFILE = 'ARG BASE_IMAGE=python:3.9-slim\nFROM $BASE_IMAGE\nRUN true\n';

  it('is the Dockerfile’s own', async () => {
    const project = projectOf('/project', memorySource({ Dockerfile: DOCKERFILE, 'docker/other': 'FROM debian:12' }));
    expect(await baseImageOf(project, settings())).to.equal('python:3.9-slim');
    expect(await baseImageOf(project, settings({ dockerfile: 'docker/other' }))).to.equal('debian:12');
  });

  it('is the one that is set, where the Dockerfile takes it', async () => {
    const project = projectOf('/project', memorySource({ Dockerfile: DOCKERFILE }));
    expect(await baseImageOf(project, settings({ base: 'python:3.12' }))).to.equal('python:3.12');
    const fixed = projectOf('/project', memorySource({ Dockerfile: 'FROM debian:12' }));
    expect(await baseImageOf(fixed, settings({ base: 'python:3.12' }))).to.equal('debian:12');
  });

  it('is not known before there is a Dockerfile', async () => {
    expect(await baseImageOf(projectOf('/project'), settings())).to.equal(undefined);
  });

  describe('of kedro docker', () => {
    let folder: TemporaryFolder;

    beforeEach(async () => {
      folder = await TemporaryFolder.create();
    });

    afterEach(async () => folder.remove());

    const of = (config: string) =>
      folder
        .write({ 'venv/pyvenv.cfg': config })
        .then(() => kedroDockerBaseImage({ kedro: folder.file('venv/bin/kedro'), python: undefined, origin: '.venv' }));

    const cases: readonly [writtenBy: string, config: string, image: string | undefined][] = [
      ['venv', 'home = /usr/bin\nversion = 3.11.4\n', 'python:3.11-slim'],
      ['uv', 'implementation = CPython\nversion_info = 3.12.1\n', 'python:3.12-slim'],
      ['virtualenv', 'version_info = 3.9.18.final.0\nvirtualenv = 20.1\n', 'python:3.9-slim'],
      ['nobody, without a version', 'home = /usr/bin\nuv = 0.4.1\n', undefined],
      ['nobody, with a version that is none', 'version = three\n', undefined],
    ];
    for (const [writtenBy, config, image] of cases) {
      it(`is ${image ?? 'not told'} by the pyvenv.cfg of ${writtenBy}`, async () => {
        expect(await of(config)).to.equal(image);
      });
    }

    it('is not told outside of a virtual environment', async () => {
      const kedro = { kedro: folder.file('bin/kedro'), python: undefined, origin: 'PATH' };
      expect(await kedroDockerBaseImage(kedro)).to.equal(undefined);
    });

    it('is that of the project’s kedro, and none where that cannot be found', async () => {
      await folder.write({ '.venv/pyvenv.cfg': 'version = 3.10.1', '.venv/bin/kedro': '#!/bin/sh\n' });
      await chmod(folder.file('.venv/bin/kedro'), 0o755);
      expect(await defaultBaseImage('/nowhere', folder.file('.venv/bin/kedro'))).to.equal('python:3.10-slim');
      expect(await defaultBaseImage('/nowhere', folder.file('none'))).to.equal(undefined);
    });
  });
});
