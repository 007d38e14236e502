import { expect } from 'chai';
import { openProjectOf } from '../../../src/ui/open-project.js';
import { RecordingProgress } from '../recording-progress.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('the project that a command is about', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await (
      await TemporaryFolder.create()
    ).write({
      'pyproject.toml':
        '[tool.kedro]\npackage_name = "flights"\nproject_name = "Flights"\nkedro_init_version = "1.0.0"\n',
      'conf/base/airflow-k8s.yaml': 'hots: x\nrun_config: {image: "registry.example.com/app:v1"}\n',
      'src/flights/__init__.py': '',
    });
  });

  afterEach(async () => folder.remove());

  it('is the one that --project names, or that this lies in, with the flags over its files', async () => {
    const progress = new RecordingProgress();
    const flags = { project: folder.file('src/flights'), env: 'local', tag: ['v2'] };
    const { project, settings } = await openProjectOf(flags, progress);
    expect(project.root).to.equal(folder.path);
    expect([settings.image.name, settings.image.tags]).to.deep.equal(['registry.example.com/app', ['v2']]);
  });

  it('has the warnings of its configuration told', async () => {
    const progress = new RecordingProgress();
    await openProjectOf({ project: folder.path, env: 'local' }, progress);
    expect(progress.said.join()).to.contain('note conf/base/airflow-k8s.yaml:1: warning: unknown key "hots"');
  });

  it('must be a Kedro project', async () => {
    const outside = await TemporaryFolder.create();
    const error = await rejection(openProjectOf({ project: outside.path, env: 'local' }, new RecordingProgress()));
    expect(error.code).to.equal('not-a-project');
    await outside.remove();
  });
});
