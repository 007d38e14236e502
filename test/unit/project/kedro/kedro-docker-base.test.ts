import { expect } from 'chai';
import { kedroDockerBaseImage } from '../../../../src/project/kedro/kedro-docker-base.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('the base image that kedro docker takes by default', () => {
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
});
