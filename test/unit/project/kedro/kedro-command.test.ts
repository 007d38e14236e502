import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findKedro, type KedroCommandOptions } from '../../../../src/project/kedro/kedro-command.js';
import type { ProgramFiles } from '../../../../src/project/kedro/program-files.js';
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

  it('takes no folder of that name for the command', async () => {
    await mkdir(join(folder, 'packages/kedro'), { recursive: true });
    const { kedro } = await virtualEnvironment('path');
    const PATH = `${join(folder, 'packages')}:${dirname(kedro)}`;
    expect(await find({ environment: { PATH } })).to.include({ kedro, origin: 'PATH' });
  });

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
      'kedro was not found for the project (searched --kedro, KDEPLOY_KEDRO, .venv, VIRTUAL_ENV, PATH, CONDA_PREFIX)',
    );
    expect(error.hint).to.contain('--kedro');
    const active = await rejection(find({ environment: { VIRTUAL_ENV: '/gone', CONDA_PREFIX: '/opt/conda' } }));
    expect(active.message).to.contain('.venv, VIRTUAL_ENV=/gone, PATH, CONDA_PREFIX=/opt/conda)');
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

  it('takes the one of the conda environment that is active, also where something took it off PATH', async () => {
    const { kedro, python } = await virtualEnvironment('conda/envs/ml');
    await mkdir(join(folder, 'conda/envs/ml/conda-meta'));
    const CONDA_PREFIX = join(folder, 'conda/envs/ml');
    expect(await find({ environment: { CONDA_PREFIX, PATH: dirname(kedro) } })).to.include({ kedro, origin: 'PATH' });
    expect(await find({ environment: { CONDA_PREFIX } })).to.deep.equal({ kedro, python, origin: 'CONDA_PREFIX' });
  });

  describe('in an environment that was made for kdeploy alone', () => {
    const marks: readonly [tool: string, environment: string, mark: string][] = [
      ['pre-commit', 'pre-commit/repo1/py_env-python3.11', '.install_state_v2'],
      ['prek', 'prek/hooks/python-x', '.prek-hook.json'],
      ['pipx', 'pipx/venvs/kdeploy', 'pipx_metadata.json'],
      ['uv tool install', 'uv/tools/kdeploy', 'uv-receipt.toml'],
      ['uvx', 'cache/uv/archive-v0/Xy1', 'pyvenv.cfg'],
    ];
    for (const [tool, environment, mark] of marks)
      it(`passes over the kedro and the python that ${tool} puts first on PATH`, async () => {
        const own = await virtualEnvironment(environment);
        await program(`${environment}/bin/kdeploy`);
        await program(`${environment}/${mark}`);
        await program(`${environment}/bin/python3`);
        const bin = dirname(own.kedro);
        const activated = { VIRTUAL_ENV: join(folder, environment), PATH: bin };

        const error = await rejection(find({ environment: activated }));
        expect(error.code).to.equal('tool-missing');
        expect(error.message).to.contain(`CONDA_PREFIX; ${own.kedro} is in the environment of kdeploy itself)`);

        const kedro = await program('active/bin/kedro', '#!/usr/bin/env python3\n');
        const python = await program('elsewhere/python3');
        const PATH = [bin, dirname(kedro), dirname(python)].join(':');
        expect(await find({ environment: { ...activated, PATH } })).to.deep.equal({ kedro, python, origin: 'PATH' });

        const project = await virtualEnvironment('project/.venv');
        expect(await find({ environment: { ...activated, PATH } })).to.deep.equal({ ...project, origin: '.venv' });
        expect((await find({ given: own.kedro, environment: activated })).kedro, 'unless it is named').to.equal(
          own.kedro,
        );
      });

    it('passes over a link to it, as pipx has them for its users', async () => {
      const own = await virtualEnvironment('pipx/venvs/kdeploy');
      await program('pipx/venvs/kdeploy/bin/kdeploy');
      await program('pipx/venvs/kdeploy/pipx_metadata.json');
      await mkdir(join(folder, 'bin'));
      await symlink(own.kedro, join(folder, 'bin', 'kedro'));
      expect((await rejection(find({ environment: { PATH: join(folder, 'bin') } }))).code).to.equal('tool-missing');
    });

    it('takes one beside kdeploy where both are the user’s: a virtual environment, an image of CI, kedro’s own', async () => {
      for (const environment of ['ml', 'pipx/venvs/kedro']) {
        const { kedro } = await virtualEnvironment(environment);
        await program(`${environment}/bin/kdeploy`);
        if (environment !== 'ml') await program(`${environment}/pipx_metadata.json`);
        expect((await find({ environment: { PATH: dirname(kedro) } })).kedro).to.equal(kedro);
      }
    });
  });

  describe('on Windows', () => {
    /** Files by their paths; what a path leads to is itself. */
    const drive = (...files: string[]): ProgramFiles => ({
      canRun: (file) => Promise.resolve(files.includes(file)),
      exists: (file) => Promise.resolve(files.includes(file)),
      head: () => Promise.resolve('MZ\u0090'),
      real: (file) => Promise.resolve(file),
    });
    const kedro = 'kedro.exe';
    const cases: readonly [what: string, kedro: string, python: string, options: Partial<KedroCommandOptions>][] = [
      ['of the virtual environment', `D:\\p\\.venv\\Scripts\\${kedro}`, 'D:\\p\\.venv\\Scripts\\python.exe', {}],
      [
        'of one that is active, on a share',
        `\\\\nas\\e\\Scripts\\${kedro}`,
        '\\\\nas\\e\\Scripts\\python.exe',
        { environment: { VIRTUAL_ENV: '\\\\nas\\e' } },
      ],
      [
        'of a conda environment, whose Python is above Scripts',
        `C:\\conda\\envs\\ml\\Scripts\\${kedro}`,
        'C:\\conda\\envs\\ml\\python.exe',
        { environment: { CONDA_PREFIX: 'C:\\conda\\envs\\ml' } },
      ],
      [
        'of Python itself, on a PATH that mixes slashes',
        `C:\\Python311\\Scripts\\${kedro}`,
        'C:\\Python311\\python.exe',
        { environment: { Path: 'C:\\Windows;C:/Python311/Scripts/' } },
      ],
      [
        'of pyenv, as batch files',
        'C:\\pyenv\\shims\\kedro.bat',
        'C:\\pyenv\\shims\\python.bat',
        { environment: { PATH: 'C:\\pyenv\\shims' } },
      ],
      [
        'that is named without its ending, with forward slashes',
        'D:\\p\\tools\\kedro.exe',
        'D:\\p\\tools\\python.exe',
        { given: 'tools/kedro' },
      ],
    ];
    for (const [what, found, python, options] of cases)
      it(`finds the one ${what}, and its Python`, async () => {
        const around = { projectRoot: 'D:\\p', currentFolder: 'D:\\p', platform: 'win32', environment: {} } as const;
        const files = drive(found, python, 'C:\\Windows\\python.exe');
        expect(await findKedro({ ...around, files, ...options })).to.deep.include({ kedro: found, python });
      });
  });
});
