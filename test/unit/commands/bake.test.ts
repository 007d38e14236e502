import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { parseImageAddress, type FileAddress } from '../../../src/image/address.js';
import { readTree, treeOf } from '../../../src/image/tree.js';
import { writeTree } from '../../../src/image/write-tree.js';
import { LayoutSink } from '../../../src/places/layout/layout-sink.js';
import { openLayout } from '../../../src/places/layout/open-layout.js';
import { bakedSample } from '../bake/baked-sample.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { runIsolated } from './isolated-command.js';

const PROJECT = {
  'pyproject.toml':
    '[tool.kedro]\npackage_name = "flights"\nproject_name = "Flights"\nkedro_init_version = "1.7.0"\nsource_dir = "src"\n',
  'src/flights/settings.py': '',
  'conf/local/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://production.example.com\n',
};

const PUSHED = ['--push', '--image', 'registry.example.com/team/app', '--allow-untested'];

describe('kdeploy bake', () => {
  let folder: TemporaryFolder;
  let image: string;
  let Bake: Parameters<typeof runIsolated>[0];

  // As the modules that it loads late: mocha's own way to load a file would give it errors of another class.
  before(async () => {
    ({ default: Bake } = await import('../../../src/commands/bake.js'));
  });

  beforeEach(async () => {
    folder = await (await TemporaryFolder.create()).write(PROJECT);
    image = `oci:${folder.file('dist')}:v1`;
    // Built by the first of all versions, so that this one may bake it.
    const labels = { 'io.kdeploy.version': '0.0.1' };
    await writeTree(treeOf(bakedSample({ labels })), new LayoutSink(folder.file('dist')), ['v1']);
  });
  afterEach(() => folder.remove());

  const bake = (...argv: string[]) =>
    runIsolated(Bake, ['--project', folder.path, ...argv], {
      KDEPLOY_STATE_FOLDER: folder.file('state'),
      DOCKER_HOST: `unix://${folder.file('no-engine.sock')}`,
      DOCKER_CONFIG: folder.path,
    });
  const files = async () => (await readdir(folder.path, { recursive: true })).sort();
  const digestIn = async (name: string) =>
    (await readTree(await openLayout(parseImageAddress(name) as FileAddress))).document.digest;

  const wrong: readonly [what: string, argv: readonly string[], words: string][] = [
    ['no tag, no other place and no dry run', [], 'no tag is given for the result'],
    ['--push alone', ['--push'], 'no tag is given for the result'],
    [
      '--push and a layout, but no tag to push',
      [...PUSHED, '--output', 'oci:out'],
      'no tag is given to push the result under',
    ],
    [
      '--push and a layout’s tag alone',
      [...PUSHED, '--output', 'oci:out:v2'],
      'no tag is given to push the result under',
    ],
    ['--push in a dry run', ['--push', '--dry-run', '--tag', 'v2'], 'cannot also be provided when using'],
    ['--output in a dry run', ['--output', 'oci:out', '--dry-run'], 'cannot also be provided when using'],
    ['--output in an archive', ['--tag', 'v2', '--output', 'docker-archive:out.tar'], 'is no place to write to'],
    ['--output in a path alone', ['--tag', 'v2', '--output', './out'], 'is a path, not an image name'],
    ['--output in a registry', ['--tag', 'v2', '--output', 'team/app:v2'], 'is no place to write to'],
    ['--output under a digest', ['--output', `oci:out@sha256:${'a'.repeat(64)}`], 'is no place to write to'],
    ['--image with a tag', ['--tag', 'v2', '--image', 'registry.example.com/team/app:v2'], 'registry.example.com'],
    ['a tag that no registry takes', ['--tag', 'a b'], 'a b'],
    ['--remote, which is for registries', ['--tag', 'v2', '--remote'], '--remote looks in a registry'],
    ['an image and another one', ['another:v1', '--tag', 'v2'], 'another:v1'],
  ];
  for (const [what, argv, words] of wrong)
    it(`is a mistake with ${what}, and nothing is written`, async () => {
      const before = await files();
      const inFolder = argv.map((text) => text.replace('oci:out', `oci:${folder.file('out')}`));
      const { stdout, stderr, exitCode } = await bake(image, ...inFolder);
      expect([stdout, exitCode], stderr).to.deep.equal(['', 2]);
      expect(stderr).to.include(words);
      expect(await files()).to.deep.equal(before);
    });

  it('is a mistake where no image is named, and none was built', async () => {
    const { stderr, exitCode } = await bake('--tag', 'v2');
    expect(exitCode, stderr).to.equal(2);
    expect(stderr).to.include('this project has not been built on this machine yet');
  });

  describe('of a project that would log nowhere', () => {
    beforeEach(() =>
      folder.write({ 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "https://ada:hunter2@h"}\n' }),
    );

    it('says what is wrong with it, and writes nothing', async () => {
      const before = await files();
      const { stdout, stderr, exitCode } = await bake(image, '--tag', 'v2');
      expect([stdout, exitCode]).to.deep.equal(['', 1]);
      expect(stderr).to.include('not baked: the project has 1 error').and.to.include('fix these, then bake again');
      expect(stderr).not.to.include('hunter2');
      expect(await files()).to.deep.equal(before);
    });

    it('is refused all the same with --no-check, for the image would have the password in it', async () => {
      const before = await files();
      const { stderr, exitCode } = await bake(image, '--tag', 'v2', '--no-check');
      expect(exitCode).to.equal(2);
      expect(stderr).to.include('would be baked into the image').and.not.to.include('hunter2');
      expect(await files()).to.deep.equal(before);
    });
  });

  it('needs leave for a bake that the self-test does not cover', async () => {
    const before = await files();
    const { stderr, exitCode } = await bake(image, '--tag', 'v2');
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('does not cover this bake').and.to.include('--allow-untested');
    expect(await files()).to.deep.equal(before);
  });

  it('prints where the result is, and leaves what it was as it was', async () => {
    const before = await digestIn(image);
    const { stdout, stderr, exitCode } = await bake(image, '--tag', 'v2', '--tag', 'latest', '--allow-untested');
    const names = ['v2', 'latest'].map((tag) => `oci:${folder.file('dist')}:${tag}`);
    expect([stdout, exitCode], stderr).to.deep.equal([`${names.join('\n')}\n`, undefined]);
    expect(await digestIn(image)).to.equal(before);
    for (const name of names) expect(await digestIn(name)).not.to.equal(before);
  });

  it('needs no tag for a layout, and prints by what the result is found there', async () => {
    const { stdout, stderr } = await bake(image, '--output', `oci:${folder.file('out')}`, '--allow-untested');
    expect(stdout, stderr).to.match(/^oci:.*\/out@sha256:[0-9a-f]{64}\n$/);
    expect(`oci:${folder.file('out')}@${await digestIn(stdout.trim())}\n`).to.equal(stdout);
  });

  it('shows in a dry run what would change, and writes nothing', async () => {
    const before = await files();
    const { stdout, stderr, exitCode } = await bake(image, '--dry-run', '--allow-untested');
    expect(exitCode, stderr).to.equal(undefined);
    expect(stdout).to.include('https://staging.example.com → https://production.example.com');
    expect(await files()).to.deep.equal(before);
  });

  it('prints the same as data with --json', async () => {
    const { stdout } = await bake(image, '--dry-run', '--allow-untested', '--json');
    const result = JSON.parse(stdout) as { from: string; digest: string };
    expect(result).to.deep.include({ version: 1, image, place: null, id: null, names: [] });
    expect(result).not.to.have.property('pushed');
    expect([result.from === (await digestIn(image)), result.from === result.digest]).to.deep.equal([true, false]);
  });
});
