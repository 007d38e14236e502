import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { checkProject } from '../../../src/checks/check.js';
import { applyChanges } from '../../../src/fix/apply-changes.js';
import { planProjectFixes } from '../../../src/fix/fix-project.js';
import { projectModel } from '../../../src/project/model.js';
import { findProject } from '../../../src/project/project.js';
import { settingsWith } from '../../support/settings.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

const URL = 'https://bot:hunter2-51ab@pypi.example.com/simple';
const PROJECT = {
  'pyproject.toml':
    '[tool.kedro]\npackage_name = "demo"\nproject_name = "Demo"\nkedro_init_version = "1.0.0"\nsource_dir = "src"\n',
  'requirements.txt': 'kedro~=1.0\nkedro-mlflow~=2.0\nkedro-datasets\n',
  'src/demo/settings.py': '',
  'src/demo/pipeline_registry.py': '',
  'conf/base/catalog.yml': '',
  'conf/local/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://mlflow.example.com\n',
};

describe('the fixes of a whole project', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write(PROJECT);
  });
  afterEach(() => folder.remove());

  const settings = settingsWith();
  const plan = async (trackingUri?: string) =>
    planProjectFixes({
      project: await findProject(folder.path),
      settings,
      env: 'local',
      kedro: undefined,
      trackingUri,
      environment: {},
    });
  const errors = async () => {
    const model = projectModel({
      project: await findProject(folder.path),
      settings,
      env: 'local',
      processEnvironment: {},
    });
    const { findings } = await checkProject({ model, settings });
    return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  };

  it('begin with a project that has none', async () => expect(await errors()).to.deep.equal([]));

  for (const value of ['null', '~', '', 'null # the server'])
    it(`write --tracking-uri where mlflow.yml has ${JSON.stringify(value)}, and then the project passes without it`, async () => {
      await folder.write({ 'conf/local/mlflow.yml': `server:\n  mlflow_tracking_uri: ${value}\n` });
      expect(await errors()).to.have.lengthOf(1);
      const { changes, refused } = await plan('https://mlflow.example.com');
      expect(refused).to.deep.equal([]);
      await applyChanges(folder.path, changes);
      expect(await errors()).to.deep.equal([]);
    });

  it('change no address that is set, and none without --tracking-uri', async () => {
    expect((await plan('https://other.example.com')).changes).to.deep.equal([]);
    await folder.write({ 'conf/local/mlflow.yml': 'server:\n  mlflow_tracking_uri: null\n' });
    expect((await plan()).changes).to.deep.equal([]);
  });

  it('exclude a real repository from the image, with the token in the address of its remote', async () => {
    const git = (...words: string[]) => promisify(execFile)('git', ['-C', folder.path, ...words]);
    await git('init', '--quiet');
    await git('remote', 'add', 'origin', 'https://bot:hunter2-51ab@git.example.com/demo.git');
    expect(await errors()).to.deep.equal([
      'the image would contain the Git repository .git, and .git/config contains a URL with a password',
    ]);
    const { changes, refused } = await plan();
    expect(refused).to.deep.equal([]);
    expect(changes.map(({ file }) => file)).to.deep.equal(['.dockerignore']);
    await applyChanges(folder.path, changes);
    expect(await errors()).to.deep.equal([]);
  });

  const needed: Record<string, string>[] = [
    { 'requirements.txt': `${PROJECT['requirements.txt']}--extra-index-url ${URL}\n` },
    { 'pyproject.toml': `${PROJECT['pyproject.toml']}[[tool.uv.index]]\nurl = "${URL}"\n` },
    { 'uv.lock': `source = { registry = "${URL}" }\n` },
  ];
  for (const files of needed) {
    const [file = ''] = Object.keys(files);
    it(`never hide ${file}, which the build needs, for the password in it`, async () => {
      await folder.write(files);
      expect(await errors()).to.deep.equal([
        `${file} contains a URL with a password, and .dockerignore does not exclude it from the image`,
      ]);
      expect((await plan()).changes).to.deep.equal([]);
    });
  }

  it('never hide a key that the Dockerfile copies by its name: the build would end there', async () => {
    await folder.write({
      Dockerfile:
        'FROM python:3.11-slim\nWORKDIR /home/kedro_docker\nCOPY requirements.txt .netrc /tmp/\nRUN pip install -r /tmp/requirements.txt\nCOPY . .\nCMD ["kedro", "run"]\n',
      '.netrc': 'machine pypi.example.com login bot password hunter2\n',
    });
    const { changes, refused } = await plan();
    expect(changes).to.deep.equal([]);
    expect(refused.map(({ reason }) => reason.message)).to.deep.equal([
      'the fix would cause another error: .dockerignore excludes .netrc, which line 3 of Dockerfile copies',
    ]);
  });

  it('hide a key that nothing needs', async () => {
    await folder.write({ '.netrc': 'machine pypi.example.com login bot password hunter2\n' });
    expect((await plan()).changes.map(({ file }) => file)).to.deep.equal(['.dockerignore']);
  });
});
