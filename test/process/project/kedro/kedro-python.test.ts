import { chmod, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import { kedroDockerBaseImage } from '../../../../src/project/kedro/kedro-docker-base.js';
import {
  askedPythonVersion,
  pythonVersionOfKedro,
  sitePackagesOf,
} from '../../../../src/project/kedro/kedro-python.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

describe('the Python that runs kedro', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => folder.remove());

  const command = (kedro: string, python?: string) => ({
    kedro: folder.file(kedro),
    python: python === undefined ? undefined : folder.file(python),
    origin: 'PATH',
  });
  const link = async (from: string, to: string) => {
    await folder.write({ [`${from}/../.keep`]: '' });
    await symlink(to, folder.file(from));
  };

  it('is that of the virtual environment which kedro is a link into, as pipx and uv make it', async () => {
    await folder.write({ 'pipx/bin/kedro': '', 'pipx/bin/python': '', 'pipx/pyvenv.cfg': 'version = 3.12.4' });
    await link('bin/kedro', folder.file('pipx/bin/kedro'));
    expect(await pythonVersionOfKedro(command('bin/kedro', 'pipx/bin/python'))).to.equal('3.12');
    expect(await pythonVersionOfKedro(command('bin/kedro'))).to.equal('3.12');
  });

  it('is the program that python is a link to, outside of a virtual environment', async () => {
    await folder.write({ 'opt/bin/python3.11': '', 'usr/bin/kedro': '' });
    await link('usr/bin/python3', folder.file('opt/bin/python3.11'));
    expect(await pythonVersionOfKedro(command('usr/bin/kedro', 'usr/bin/python3'))).to.equal('3.11');
    expect(await pythonVersionOfKedro(command('usr/bin/kedro', 'opt/bin/python3.11'))).to.equal('3.11');
  });

  it('is that of the environment rather than the one it was made with', async () => {
    await folder.write({ 'opt/bin/python3.11': '', 'venv/bin/kedro': '', 'venv/pyvenv.cfg': 'version = 3.12.4' });
    await link('venv/bin/python', folder.file('opt/bin/python3.11'));
    expect(await pythonVersionOfKedro(command('venv/bin/kedro', 'venv/bin/python'))).to.equal('3.12');
  });

  it('is not known by a shim, which is asked where that is allowed', async () => {
    await folder.write({ 'shims/kedro': '', 'shims/python': '#!/bin/sh\necho 3.10\n' });
    await chmod(folder.file('shims/python'), 0o755);
    const shim = command('shims/kedro', 'shims/python');
    expect(await pythonVersionOfKedro(shim)).to.equal(undefined);
    expect(await kedroDockerBaseImage(shim)).to.equal(undefined);
    expect(await kedroDockerBaseImage(shim, folder.path)).to.equal('python:3.10-slim');
  });

  it('is not known where it does not answer with a version', async () => {
    await folder.write({
      'shims/python': '#!/bin/sh\necho pyenv: python: command not found; exit 127\n',
      'x/python': '',
    });
    await chmod(folder.file('shims/python'), 0o755);
    for (const python of ['shims/python', 'x/python', 'none/python'])
      expect(await askedPythonVersion(command('shims/kedro', python), folder.path), python).to.equal(undefined);
  });

  it('has its packages where the environment, Debian or pip --user puts them', async () => {
    await folder.write({
      'venv/pyvenv.cfg': 'version = 3.12.4',
      'venv/lib/python3.12/x': '',
      'venv/lib/python3.9/x': '',
    });
    await folder.write({ 'home/.local/lib/python3.12/x': '' });
    const found = await sitePackagesOf(command('venv/bin/kedro', 'venv/bin/python'), folder.file('home'));
    expect(found).to.include.members([
      folder.file('venv/lib/python3.12/site-packages'),
      folder.file('home/.local/lib/python3.12/site-packages'),
    ]);
    expect(found.join()).not.to.contain('3.9');
    const debian = { kedro: '/usr/bin/kedro', python: '/usr/bin/python3', origin: 'PATH' };
    for (const each of await sitePackagesOf(debian, undefined)) expect(each).to.match(/^\/usr\//);
  });
});
