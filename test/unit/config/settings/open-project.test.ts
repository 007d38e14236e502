import { expect } from 'chai';
import { openProject } from '../../../../src/config/settings/open-project.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('opening a project', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({
      'pyproject.toml': '[tool.kedro]\npackage_name = "flights"\nproject_name = "Flights"\n',
      'src/flights/__init__.py': '',
      'conf/base/kdeploy.yml': 'image:\n  name: base.example.com/app\n  tags: [base]\n  builder: engine\n',
      'conf/prod/kdeploy.yml': 'image:\n  name: prod.example.com/app\n  tags: [prod]\n',
    });
  });

  afterEach(async () => folder.remove());

  it('gives the project around the folder, with the settings of the environment, variables above them, flags above all', async () => {
    const { project, settings } = await openProject({
      folder: folder.file('src/flights'),
      env: 'prod',
      environmentVariables: { KDEPLOY_IMAGE_NAME: 'variable.example.com/app', KDEPLOY_IMAGE_TAGS: 'variable' },
      flags: { tags: ['flag'] },
    });
    expect([project.root, project.packageName]).to.deep.equal([folder.path, 'flights']);
    expect(settings.image).to.deep.include({ name: 'variable.example.com/app', tags: ['flag'], builder: 'engine' });
  });

  it('goes without flags, and without the variables of this process', async () => {
    const { settings } = await openProject({ folder: folder.path, env: 'local', environmentVariables: {} });
    expect(settings.image).to.deep.include({ name: 'base.example.com/app', tags: ['base'] });
    expect(settings.sources).to.deep.equal(['conf/base/kdeploy.yml']);
  });

  describe('with folders that settings.py names', () => {
    const OPTIONS = { env: undefined, environmentVariables: {} };

    beforeEach(async () =>
      folder.write({
        'configuration/default/kdeploy.yml': 'image: {name: default.example.com/app}\n',
        'configuration/dev/kdeploy.yml': 'image: {tags: [dev]}\n',
      }),
    );

    it('reads kdeploy.yml where Kedro reads its own files, of the environment that a plain kedro run uses', async () => {
      await folder.write({
        'src/flights/settings.py':
          'CONF_SOURCE = "configuration"\nCONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "dev"}\n',
      });
      const opened = await openProject({ folder: folder.path, ...OPTIONS });
      expect(opened.settings.sources).to.deep.equal([
        'configuration/default/kdeploy.yml',
        'configuration/dev/kdeploy.yml',
      ]);
      expect(opened).to.deep.include({ env: 'dev', isDefaultEnv: true });
      const local = await openProject({ folder: folder.path, ...OPTIONS, env: 'local' });
      expect(local).to.deep.include({ env: 'local', isDefaultEnv: false });
      expect(local.settings.sources).to.deep.equal(['configuration/default/kdeploy.yml']);
    });

    it('reads the names beside values that only Kedro can compute, but is not certain of them', async () => {
      await folder.write({
        'src/flights/settings.py':
          'from x import *\nCONF_SOURCE = "configuration"\nCONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": f()}\n',
      });
      const opened = await openProject({ folder: folder.path, ...OPTIONS });
      expect(opened.settings.sources).to.deep.equal(['configuration/default/kdeploy.yml']);
      expect(opened).to.deep.include({ env: 'local', isDefaultEnv: false });
    });

    it('stays within the project, whatever settings.py says', async () => {
      await folder.write({ 'src/flights/settings.py': 'CONF_SOURCE = "../../etc"\n' });
      const { settings } = await openProject({ folder: folder.path, ...OPTIONS });
      expect(settings.sources).to.deep.equal(['conf/base/kdeploy.yml']);
    });
  });

  it('tells that there is none', async () => {
    await folder.write({ 'pyproject.toml': '[project]\nname = "x"\n' });
    const error = await rejection(openProject({ folder: folder.path, env: 'local', environmentVariables: {} }));
    expect([error.code, error.exitCode]).to.deep.equal(['not-a-project', 2]);
  });

  it('tells what is wrong with its settings, without what stands there', async () => {
    await folder.write({ 'conf/base/kdeploy.yml': 'image:\n  builder: hunter2-builder\n' });
    const error = await rejection(openProject({ folder: folder.path, env: 'local', environmentVariables: {} }));
    expect(error.code).to.equal('configuration');
    expect(error.place).to.deep.equal({ file: 'conf/base/kdeploy.yml', line: 2 });
    expect(`${error.message} ${error.hint ?? ''}`).not.to.contain('hunter2');
  });
});
