import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findKedro, type KedroCommandOptions } from '../../../../src/project/kedro/kedro-command.js';
import { rejection } from '../../../support/rejection.js';

describe('findKedro', () => {
  let folder: string;
  let projectRoot: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdeploy-kedro-'));
    projectRoot = join(folder, 'project');
    await mkdir(projectRoot);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(path: string, text = '#!/bin/sh\n'): Promise<string> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, 0o755);
    return file;
  }

  /** What pip writes: a script that names the Python beside it. */
  async function virtualEnvironment(path: string): Promise<{ kedro: string; python: string }> {
    const python = await program(`${path}/bin/python`);
    return { python, kedro: await program(`${path}/bin/kedro`, `#!${python}\nimport sys\n`) };
  }

  function find(options: Partial<KedroCommandOptions> = {}): ReturnType<typeof findKedro> {
    return findKedro({ projectRoot, environment: {}, currentFolder: folder, platform: 'linux', ...options });
  }

  it('goes through its strategies in order', async () => {
    const given = await virtualEnvironment('given');
    const variable = await virtualEnvironment('variable');
    const own = await virtualEnvironment('project/.venv');
    const active = await virtualEnvironment('active');
    const path = await virtualEnvironment('path');
    const environment = {
      KDEPLOY_KEDRO: variable.kedro,
      VIRTUAL_ENV: join(folder, 'active'),
      PATH: `/nowhere::${join(folder, 'path/bin')}`,
    };

    expect(await find({ given: given.kedro, environment })).to.deep.equal({ ...given, origin: '--kedro' });
    expect(await find({ environment })).to.deep.equal({ ...variable, origin: 'KDEPLOY_KEDRO' });
    expect(await find({ environment: { ...environment, KDEPLOY_KEDRO: '' } })).to.deep.equal({
      ...own,
      origin: '.venv',
    });
    await rm(join(projectRoot, '.venv', 'bin', 'kedro'));
    expect(await find({ environment: { ...environment, KDEPLOY_KEDRO: undefined } })).to.deep.equal({
      ...active,
      origin: 'VIRTUAL_ENV',
    });
    expect(await find({ environment: { PATH: environment.PATH } })).to.deep.equal({ ...path, origin: 'PATH' });
  });

  it('takes --kedro relative to the current folder, or as a name on the PATH', async () => {
    const { kedro } = await virtualEnvironment('a');
    expect((await find({ given: 'a/bin/kedro' })).kedro).to.equal(kedro);
    expect((await find({ given: 'kedro', environment: { PATH: dirname(kedro) } })).origin).to.equal('--kedro');
  });

  it('says that what was named cannot be run, instead of taking another one in silence', async () => {
    await virtualEnvironment('project/.venv');
    const error = await rejection(find({ given: 'missing/kedro' }));
    expect(error.code).to.equal('tool-missing');
    expect(error.message).to.equal('--kedro is set to missing/kedro, which is not an executable');
    const plain = await program('plain');
    await chmod(plain, 0o644);
    expect((await rejection(find({ environment: { KDEPLOY_KEDRO: plain } }))).message).to.contain(
      'KDEPLOY_KEDRO is set to',
    );
  });

  it('lists every place where it looked', async () => {
    const error = await rejection(find());
    expect(error.message).to.equal(
      'kedro was not found for the project (searched --kedro, KDEPLOY_KEDRO, .venv, VIRTUAL_ENV, PATH)',
    );
    expect(error.hint).to.contain('--kedro');
  });

  it('says that an environment was moved when its Python is gone', async () => {
    const kedro = await program('project/.venv/bin/kedro', '#!/gone/bin/python3.11\n');
    const error = await rejection(find());
    expect(error.code).to.equal('tool-missing');
    expect(error.message).to.equal(`${kedro} (.venv) needs /gone/bin/python3.11, which no longer exists`);
  });

  describe('finds the Python', () => {
    it('of a script that is linked from elsewhere, as pipx does', async () => {
      const { kedro, python } = await virtualEnvironment('pipx/kedro');
      await program('bin/python');
      await symlink(kedro, join(folder, 'bin', 'kedro'));
      expect((await find({ environment: { PATH: join(folder, 'bin') } })).python).to.equal(python);
    });

    it('behind a shebang with env', async () => {
      await program('bin/kedro', '#!/usr/bin/env python3\n');
      const python = await program('other/python3');
      expect(
        (await find({ environment: { PATH: `${join(folder, 'bin')}:${join(folder, 'other')}` } })).python,
      ).to.equal(python);
    });

    it('in the form that pip uses for long paths', async () => {
      const python = await program('very long/bin/python3.11');
      await program('bin/kedro', `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\nimport sys\n`);
      expect((await find({ environment: { PATH: join(folder, 'bin') } })).python).to.equal(python);
    });

    it('beside a shim or a binary', async () => {
      const python = await program('shims/python');
      await program('shims/kedro', '#!/usr/bin/env bash\n');
      expect((await find({ environment: { PATH: join(folder, 'shims') } })).python).to.equal(python);
    });

    it('nowhere, where there is none', async () => {
      await program('bin/kedro', Buffer.from([0x7f, 0x45, 0x4c, 0x46]).toString('latin1'));
      expect((await find({ environment: { PATH: join(folder, 'bin') } })).python).to.equal(undefined);
    });
  });

  it('knows the layout of Windows', async () => {
    const kedro = await program('project/.venv/Scripts/kedro.exe', 'MZ');
    const python = await program('project/.venv/Scripts/python.exe', 'MZ');
    expect(await find({ platform: 'win32' })).to.deep.equal({ kedro, python, origin: '.venv' });
    expect((await find({ platform: 'win32', given: join('project', '.venv', 'Scripts', 'kedro') })).kedro).to.equal(
      kedro,
    );
  });
});
