import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import type { Image } from '../../../src/image/image.js';
import { parseReference } from '../../../src/image/reference.js';
import { treeOf } from '../../../src/image/tree.js';
import { withLoadedImage } from '../../../src/run/loaded-image.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { AMD64, ARM64, sampleIndex } from '../image/sample-index.js';
import { treeSource } from '../image/tree-source.js';
import { LoadingEngine } from '../places/engine/loading-engine.js';

const REPOSITORY = parseReference('registry.example.com/team/app');
const MEBIBYTE = 1024 * 1024;

describe('an image that an engine has for as long as it runs', () => {
  const image = sampleImage(['base', 'kdeploy']);
  const knowing = (...layers: readonly string[]) => new LoadingEngine(new Set(layers.map(diffIdOf)));
  const idOf = (engine: LoadingEngine, of: Parameters<typeof treeSource>[0] = image) =>
    withLoadedImage(engine, treeSource(of), ({ id }) => Promise.resolve(id));

  it('is the one of its source, and is gone afterwards', async () => {
    const engine = knowing();
    const id = await withLoadedImage(engine, treeSource(image), (loaded) => {
      expect(engine.images.size).to.equal(1);
      return Promise.resolve(loaded.id);
    });
    expect(id).to.equal(image.config.digest);
    expect(engine.images.size).to.equal(0);
  });

  it('is gone, too, where its run fails, which is told', async () => {
    const engine = knowing();
    const failure = new Error('the run failed');
    const thrown: unknown = await withLoadedImage(engine, treeSource(image), () => Promise.reject(failure)).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.equal(failure);
    expect(engine.images.size).to.equal(0);
  });

  it('is the clusters’ usual platform of an index', async () => {
    const arm64 = sampleImage(['other'], { architecture: 'arm64' });
    expect(await idOf(knowing(), sampleIndex([ARM64, treeOf(arm64)], [AMD64, treeOf(image)]))).to.equal(
      image.config.digest,
    );
  });

  it('is not there where an index has none for that platform: nothing is loaded', async () => {
    const engine = knowing();
    const index = sampleIndex([ARM64, treeOf(sampleImage(['other'], { architecture: 'arm64' }))]);
    const error = await rejection(idOf(engine, index));
    expect([error.code, error.message]).to.deep.equal(['image-not-found', 'app:v1 has no image for linux/amd64']);
    expect([engine.loads, engine.removed]).to.deep.equal([[], []]);
  });

  it('travels as a whole out of a file, for no engine has what is in it', async () => {
    const engine = knowing('base');
    await idOf(engine);
    expect(engine.loads.map(layersIn)).to.deep.equal([[pathOf('base'), pathOf('kdeploy')]]);
  });

  describe('and that was baked from a registry', () => {
    const large = 'x'.repeat(MEBIBYTE + 1);
    const small = 'x'.repeat(MEBIBYTE);
    const waiting = sampleImage([large, small, 'kdeploy']);
    const load = async (engine: LoadingEngine, of: Image = waiting) => {
      const asked: string[] = [];
      const source = treeSource(of, 'app:v1', REPOSITORY);
      const blob: typeof source.blob = (descriptor) => {
        asked.push(descriptor.digest);
        return source.blob(descriptor);
      };
      const id = await withLoadedImage(engine, { ...source, blob }, (loaded) => Promise.resolve(loaded.id));
      expect(id).to.equal(of.config.digest);
      return asked;
    };

    it('travels without its large layers where the engine has them: they are not even downloaded', async () => {
      const engine = knowing(large);
      const asked = await load(engine);
      expect(engine.loads.map(layersIn)).to.deep.equal([[pathOf(small), pathOf('kdeploy')]]);
      expect(asked).not.to.include(digestOf(large));
    });

    it('travels with them where the engine turns out not to have them', async () => {
      const engine = knowing();
      const asked = await load(engine);
      expect(engine.loads.map(layersIn)).to.deep.equal([
        [pathOf(small), pathOf('kdeploy')],
        [pathOf(large), pathOf(small), pathOf('kdeploy')],
      ]);
      expect(asked).to.include(digestOf(large));
    });

    it('travels as a whole, at once, where all its layers are small', async () => {
      const engine = knowing('base', 'kdeploy');
      await load(engine, image);
      expect(engine.loads.map(layersIn)).to.deep.equal([[pathOf('base'), pathOf('kdeploy')]]);
    });
  });

  it('is no image where the engine makes another one of it', async () => {
    const engine = new LoadingEngine(new Set(), (loaded) => ({ ...loaded, layers: [] }));
    expect((await rejection(idOf(engine))).code).to.equal('bake-failed');
    expect(engine.images.size).to.equal(0);
  });
});

/** As `sampleImage` makes them up. */
function diffIdOf(layer: string): string {
  return digestOf(`tar of ${layer}`);
}

/** Where `docker load` looks for a layer. */
function pathOf(layer: string): string {
  return `${diffIdOf(layer).slice('sha256:'.length)}/layer.tar`;
}

function layersIn(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith('/layer.tar'));
}
