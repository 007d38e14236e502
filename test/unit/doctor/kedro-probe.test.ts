import { chmod, mkdir } from 'node:fs/promises';
import { expect } from 'chai';
import { diagnose } from '../../../src/doctor/diagnose.js';
import { kedroProbe } from '../../../src/doctor/kedro-probe.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { inProject, outsideOfProject } from './contexts.js';

describe('kedro’s probe', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({ '.venv/bin/kedro': '#!/bin/sh\n' });
    await chmod(folder.file('.venv/bin/kedro'), 0o755);
  });

  afterEach(async () => folder.remove());

  /** As `python -m venv` and pip leave it: one dist-info folder for each distribution. */
  const install = async (...distributions: string[]): Promise<void> => {
    await folder.write({ '.venv/pyvenv.cfg': 'version = 3.11.4\n' });
    for (const name of distributions) {
      await mkdir(folder.file(`.venv/lib/python3.11/site-packages/${name}`), { recursive: true });
    }
  };
  const probe = () => kedroProbe.run(inProject({ root: folder.path }));

  it('tells the versions of kedro and of both plugins, without starting it', async () => {
    await install('kedro-1.0.0.dist-info', 'kedro_docker-0.6.2.dist-info', 'kedro_mlflow-1.0.1rc1.dist-info');
    expect(await probe()).to.deep.equal({
      status: 'ok',
      detail: `kedro 1.0.0, kedro-docker 0.6.2, kedro-mlflow 1.0.1rc1; ${folder.file('.venv/bin/kedro')}, from .venv`,
    });
  });

  const missing: readonly [what: string, installed: readonly string[], names: string][] = [
    ['a plugin that is missing', ['kedro-1.0.0.dist-info', 'kedro_mlflow-1.0.0.dist-info'], 'kedro-docker'],
    ['both plugins', ['kedro-1.0.0.dist-info'], 'kedro-docker kedro-mlflow'],
    [
      'a plugin of which only a longer name is there',
      ['kedro-1.0.0.dist-info', 'kedro_docker-0.6.2.dist-info', 'kedro_mlflow_extras-1.0.0.dist-info'],
      'kedro-mlflow',
    ],
    [
      'a plugin of which only leftovers are there',
      ['kedro-1.0.0.dist-info', 'kedro_docker-0.6.2.dist-info', 'kedro_mlflow', 'kedro_mlflow-1.0.0.egg-info'],
      'kedro-mlflow',
    ],
  ];
  for (const [what, installed, names] of missing) {
    it(`tells ${what}, and the command that installs it`, async () => {
      await install(...installed);
      expect(await probe()).to.deep.equal({
        status: 'failed',
        detail: `${names} not installed with ${folder.file('.venv/bin/kedro')}`,
        remedy: `pip install ${names}`,
      });
    });
  }

  it('says nothing of plugins where kedro is in no virtual environment', async () => {
    expect(await probe()).to.deep.equal({ status: 'ok', detail: `${folder.file('.venv/bin/kedro')}, from .venv` });
  });

  it('says nothing of plugins where the virtual environment has another layout', async () => {
    await folder.write({ '.venv/pyvenv.cfg': '', '.venv/lib/python3.11/nothing': '' });
    expect(await probe()).to.have.property('status', 'ok');
    await install('numpy-2.0.0.dist-info');
    expect(await probe()).to.deep.equal({ status: 'ok', detail: `${folder.file('.venv/bin/kedro')}, from .venv` });
  });

  it('looks at the kedro that is named', async () => {
    await install('kedro-1.0.0.dist-info');
    const found = await kedroProbe.run(inProject({ root: '/nowhere', kedro: folder.file('.venv/bin/kedro') }));
    expect(found.detail).to.equal(`kedro-docker kedro-mlflow not installed with ${folder.file('.venv/bin/kedro')}`);
  });

  it('looks in the environment it is given, not in this process’s', async () => {
    const environment = { VIRTUAL_ENV: folder.file('.venv') };
    const found = await kedroProbe.run(inProject({ root: '/nowhere', environment }));
    expect(found.detail).to.equal(`${folder.file('.venv/bin/kedro')}, from VIRTUAL_ENV`);
  });

  it('tells all the places where it found none', async () => {
    const [found] = await diagnose([kedroProbe], inProject({ root: '/nowhere' }));
    expect(found).to.include({
      status: 'failed',
      detail:
        'kedro was not found for the project (searched --kedro, KDEPLOY_KEDRO, .venv, VIRTUAL_ENV, PATH, CONDA_PREFIX)',
    });
  });

  it('is skipped outside of a project, which is what decides on the kedro', async () => {
    expect(await kedroProbe.run(outsideOfProject())).to.deep.equal({
      status: 'skipped',
      detail: 'not in a Kedro project',
    });
  });
});
