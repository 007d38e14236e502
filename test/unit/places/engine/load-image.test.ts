import { Readable } from 'node:stream';
import { expect } from 'chai';
import { KdeployError } from '../../../../src/errors.js';
import { blobOf } from '../../../../src/image/blob.js';
import { digestOf } from '../../../../src/image/digest.js';
import { append, withRunConfiguration } from '../../../../src/image/mutate.js';
import type { Image } from '../../../../src/image/image.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { imageIn, readTree } from '../../../../src/image/tree.js';
import { ExportedImage } from '../../../../src/places/engine/exported-image.js';
import type { EngineImage } from '../../../../src/places/engine/images.js';
import { loadImage } from '../../../../src/places/engine/load-image.js';
import { rejection } from '../../../support/rejection.js';
import { LoadingEngine } from './loading-engine.js';
import { savedByDocker24, tar } from './saved-image.js';

describe('an image that is loaded into an engine', () => {
  let exported: ExportedImage;
  let before: Image;
  let after: Image;

  beforeEach(async () => {
    const archive = await savedByDocker24(await tar({ a: 'a' }), await tar({ b: 'b' }));
    exported = new ExportedImage({ export: () => Promise.resolve(Readable.from([archive])) }, 'sha256:1', 'app:v1');
    before = await imageIn(await readTree(exported), 'app:v1');
    const layer = {
      ...blobOf({ bytes: Buffer.from('new layer'), digest: digestOf('new layer'), mediaType: MEDIA_TYPES.ociLayer }),
    };
    const appended = append(before, { ...layer, diffId: digestOf('new layer') }, { createdBy: 'test' }, 'app:v1');
    const { run } = appended.config.value;
    after = withRunConfiguration(appended, { ...run, labels: { new: '1' } }, 'app:v1');
  });

  const known = () => new Set(before.layers.map(({ diffId }) => diffId as string));
  const load = (engine: LoadingEngine) =>
    loadImage(engine, { image: after, added: after.layers.slice(-1), exported }, (image) => Promise.resolve(image.id));

  it('travels without the layers that the engine has', async () => {
    const engine = new LoadingEngine(known());
    expect(await load(engine)).to.equal(after.config.digest);
    expect(engine.loads).to.have.length(1);
    expect(engine.loads[0]).to.deep.equal([
      `${digestOf('new layer').slice(7)}/layer.tar`,
      `${after.config.digest.slice(7)}.json`,
      'manifest.json',
    ]);
  });

  it('travels with all of them where the engine takes none by its digest', async () => {
    const engine = new LoadingEngine(new Set());
    expect(await load(engine)).to.equal(after.config.digest);
    expect(engine.loads).to.have.length(2);
    expect(engine.loads[1]).to.include.members(['a/layer.tar', 'b/layer.tar', 'c/layer.tar', 'manifest.json']);
  });

  it('travels with all of them from where they are, where no engine has it', async () => {
    const engine = new LoadingEngine(new Set());
    const id = await loadImage(engine, { image: after, added: after.layers }, (image) => Promise.resolve(image.id));
    expect(id).to.equal(after.config.digest);
    expect(engine.loads).to.have.length(1);
    // The first and the third are one layer.
    expect(engine.loads[0]).to.have.length(3 + 2);
  });

  it('is told what broke while one of its layers was read', async () => {
    const engine = new LoadingEngine(new Set());
    const broken = new KdeployError('registry-unreachable', 'the registry broke off');
    const [first, ...others] = after.layers;
    const unreadable = {
      ...first!,
      // eslint-disable-next-line @typescript-eslint/require-await
      open: async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('x');
        throw broken;
      },
    };
    const image = { ...after, layers: [unreadable, ...others] };
    const error = await rejection(loadImage(engine, { image, added: image.layers }, () => Promise.resolve()));
    expect(error).to.equal(broken);
  });

  it('has a private tag for as long as it is looked at, and none afterwards', async () => {
    const engine = new LoadingEngine(known());
    await loadImage(engine, { image: after, added: after.layers.slice(-1), exported }, () => {
      expect([...engine.images.keys()]).to.have.length(1);
      return Promise.resolve();
    });
    expect(engine.images.size).to.equal(0);
    expect(engine.removed[0]).to.match(/^kdeploy-intermediate:/);
  });

  for (const [what, made, words] of [
    ['other layers', (image: EngineImage) => ({ ...image, layers: image.layers.slice(1) }), 'its layers are others'],
    [
      'other labels',
      (image: EngineImage) => ({ ...image, configuration: { ...image.configuration, labels: {} } }),
      'its labels are others',
    ],
  ] as const)
    it(`is refused where the engine made one with ${what} of it, and nothing of it stays`, async () => {
      const engine = new LoadingEngine(known(), made);
      const error = await rejection(load(engine));
      expect(error).to.include({ code: 'bake-failed' });
      expect(error.message).to.include(words);
      expect(engine.images.size).to.equal(0);
    });

  it('is told in the engine’s words where it takes none at all', async () => {
    const engine = new LoadingEngine(known());
    engine.load = () => Promise.reject(new KdeployError('engine-unreachable', 'no space left on device'));
    expect((await rejection(load(engine))).message).to.equal('no space left on device');
  });
});
