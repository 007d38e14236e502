import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import {
  recordedImage,
  recordedVersions,
  recordProblems,
  record,
  releasedImage,
} from '../../../scripts/release/released-image.js';
import { bakedTracking } from '../../../src/bake/baked-tracking.js';
import { rebakeImage, type RebakeInput } from '../../../src/bake/rebake-image.js';
import { LAYERS_LABEL, parseRecorded, RECORD_FORMAT } from '../../../src/builders/layers/layer-recipe.js';
import { KdeployError } from '../../../src/errors.js';
import { planBake } from '../../../src/image/bake-plan.js';
import type { Image } from '../../../src/image/image.js';
import { LABELS } from '../../../src/image/labels.js';
import { readLayer } from '../../../src/image/read-layer.js';
import { parseReference } from '../../../src/image/reference.js';
import { bakedLayer, withRunConfiguration } from '../../../src/image/mutate.js';
import { describeImage } from '../../../src/inspect/describe-image.js';
import { passedVariables } from '../../../src/run/passed-variables.js';
import { refuseUntracked } from '../../../src/publish/refusals.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith } from '../../support/settings.js';
import { root } from '../docs/documents.js';
import { TemporaryFolder } from '../temporary-folder.js';

const VARIABLES = ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'];
const PRODUCTION = 'https://production.example.com';
const REFERENCE = parseReference('registry.example.com/team/flights:v1');
const { version: TODAY } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as { readonly version: string };

/** What this kdeploy would bake into an image of the same project. */
async function bakeInput(): Promise<RebakeInput> {
  const authentication = [{ type: 'Vars', params: VARIABLES }] as const;
  const tracking = await bakedTracking({
    settings: settingsWith({ runConfig: { authentication } }),
    tracking: {
      uri: PRODUCTION,
      registryUri: undefined,
      experiment: 'flights',
      source: undefined,
      registrySource: undefined,
    },
    trackingConfig: undefined,
    mlflowFile: 'conf/production/mlflow.yml',
    kdeployVersion: TODAY,
  });
  if (tracking === undefined) throw new Error('nothing is tracked');
  return {
    tracking,
    env: 'production',
    isDefaultEnv: false,
    confSource: 'conf',
    kdeployVersion: TODAY,
    imageName: REFERENCE.toFamiliarString(),
    from: undefined,
    allowUntested: true,
  };
}

const described = (image: Image) =>
  describeImage(image, { reference: 'app', foundIn: 'layout', digest: null, referrers: [] });
const pushed = (image: Image) => () =>
  refuseUntracked(
    image.config.value.run,
    REFERENCE,
    { allowUnbaked: false, allowLostRuns: false },
    { note: () => undefined },
  );
const withLabel = (image: Image, name: string, value: string): Image => {
  const { run } = image.config.value;
  return withRunConfiguration(image, { ...run, labels: { ...run.labels, [name]: value } }, 'app');
};
/** The files of kdeploy's own layer. */
async function bakedFiles(image: Image): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const layer = image.layers[bakedLayer(image) ?? -1];
  if (layer === undefined) throw new Error('no layer is kdeploy’s own');
  await readLayer(layer.open(), async ({ path, type, content }) => {
    if (type === 'file') files.set(path, (await content()).toString());
  });
  return files;
}

const recorded = await recordedVersions();
const images: readonly (readonly [version: string, image: () => Promise<Image>])[] = [
  ...recorded.map((version) => [version, () => recordedImage(version)] as const),
  // So that this is tried before anything is released, and a release finds nothing new.
  ['of this commit', () => releasedImage(TODAY)],
];

for (const [name, image] of images)
  describe(`an image that kdeploy ${name} baked`, () => {
    const version = name === 'of this commit' ? TODAY : name;
    let old: Image;
    before(async () => (old = await image()));

    it('is described', () => {
      const { baked, revision, source, layers } = described(old);
      expect(baked).to.deep.include({
        version,
        env: 'production',
        trackingUri: 'https://mlflow.example.com',
        experiment: 'flights',
        authentication: ['Vars'],
      });
      expect(revision).to.equal('0'.repeat(40));
      expect(source).to.equal('https://git.example.com/team/flights');
      expect(layers.at(-1)).to.include({ madeBy: 'kdeploy' });
    });

    it('has its runtime, of that version', async () => {
      const files = await bakedFiles(old);
      expect(files.get('opt/kdeploy/lib/kdeploy_runtime/__init__.py')).to.include(`__version__ = "${version}"`);
      expect(files.get('home/kedro_docker/conf/production/mlflow.yml')).to.include('name: flights');
    });

    it('is pushed', () => {
      expect(pushed(old)).not.to.throw();
    });

    it('is run with the variables that its authentication needs', () => {
      const shell = { ...Object.fromEntries(VARIABLES.map((each) => [each, 'x'])), OTHER: 'x' };
      expect(passedVariables(old.config.value.run.env, shell)).to.deep.equal(VARIABLES);
    });

    it('is baked with this kdeploy’s runtime in the place of its own, and nothing else in other places', async () => {
      const input = await bakeInput();
      const baked = await rebakeImage(old, input, 'app');
      expect(described(baked).baked).to.deep.include({
        version: TODAY,
        trackingUri: PRODUCTION,
        experiment: 'flights',
      });
      expect(baked.layers.slice(0, -1)).to.deep.equal(old.layers.slice(0, -1));
      const [files, runtime] = [await bakedFiles(baked), input.tracking.runtime];
      const own = [...files.keys()].filter((file) => file.startsWith('opt/kdeploy/lib/'));
      expect(own.sort()).to.deep.equal(runtime.map(({ path }) => `opt/kdeploy/lib/${path}`).sort());
      for (const { path, content } of runtime)
        expect(files.get(`opt/kdeploy/lib/${path}`), path).to.equal(content.toString());
      expect(pushed(baked)).not.to.throw();
    });

    it('keeps the verdict of its self-test as long as the runtime is the same, and is refused with the way out after that', async () => {
      const { tracking, ...input } = await bakeInput();
      const isSame = old.config.value.run.labels[LABELS.selfTest] === tracking.selfTestSubject;
      const bake = rebakeImage(old, { ...input, tracking, allowUntested: false }, 'app');
      if (isSame) expect(described(await bake).baked).to.include({ trackingUri: PRODUCTION });
      else expect((await rejection(bake)).message).to.include('the runtime of kdeploy');
    });

    it('has a record of its layers, which is read or, in another format, not used', () => {
      const text = old.config.value.run.labels[LAYERS_LABEL] ?? '';
      const [format, sitePackages] = JSON.parse(text) as [number, string];
      const read = parseRecorded(text, sitePackages).map(({ digest }) => digest);
      expect(read).to.deep.equal(format === RECORD_FORMAT ? [old.layers[0]?.descriptor.digest] : []);
    });
  });

describe('an image that a later kdeploy baked', () => {
  const LATER = 'the image was built by kdeploy 99.0.0; its labels have format 2, and this kdeploy reads 1';
  let image: Image;
  before(async () => (image = withLabel(await releasedImage(TODAY), LABELS.version, '99.0.0')));

  it('is described and pushed where its labels mean the same', () => {
    expect(described(image).baked).to.deep.include({ version: '99.0.0', trackingUri: 'https://mlflow.example.com' });
    expect(pushed(image)).not.to.throw();
  });

  it('is not baked, for its runtime would be exchanged for an older one', async () => {
    const { message, hint } = await rejection(bakeInput().then((input) => rebakeImage(image, input, 'app')));
    expect(message).to.equal(`app was built by kdeploy 99.0.0, which is newer than this one (${TODAY})`);
    expect(hint).to.include('update kdeploy');
  });

  it('is refused everywhere with a sentence where its labels have another format', async () => {
    const later = withLabel(image, LABELS.format, '2');
    for (const use of [() => described(later), pushed(later)]) expect(use).to.throw(KdeployError, LATER);
    const baked = bakeInput().then((input) => rebakeImage(later, input, 'app'));
    expect((await rejection(baked)).message).to.equal(LATER);
    // As the base of a project's own image.
    const { tracking, ...input } = await bakeInput();
    const origin = { created: '2020-01-01T00:00:00Z' };
    expect(() => planBake({ ...input, tracking, origin, image: later.config.value.run })).to.throw(KdeployError, LATER);
  });
});

describe('the record of a release', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  it('is the same each time, and is read back as it was made', async () => {
    const [made, again] = [await releasedImage('1.2.3'), await releasedImage('1.2.3')];
    expect(again.manifest.digest).to.equal(made.manifest.digest);
    await record(made, '1.2.3', folder.path);
    expect(await recordedVersions(folder.path)).to.deep.equal(['1.2.3']);
    const read = await recordedImage('1.2.3', folder.path);
    expect(read.manifest.digest).to.equal(made.manifest.digest);
    expect(await bakedFiles(read)).to.deep.equal(await bakedFiles(made));
    expect(await recordProblems('1.2.3', folder.path)).to.deep.equal([]);
  });

  it('is demanded of a release, and must be of the very commit', async () => {
    const [missing] = await recordProblems('1.2.3', folder.path);
    expect(missing).to.equal('test/fixtures/released/1.2.3 is missing: run npm run release:record, and commit it');
    await record(withLabel(await releasedImage('1.2.3'), 'other', 'x'), '1.2.3', folder.path);
    const [stale] = await recordProblems('1.2.3', folder.path);
    expect(stale).to.include('is not what this commit bakes');
  });
});
