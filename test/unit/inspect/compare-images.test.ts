import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pack } from 'tar-stream';
import { blobOf } from '../../../src/image/blob.js';
import { digestOf } from '../../../src/image/digest.js';
import type { Image } from '../../../src/image/image.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { append } from '../../../src/image/mutate.js';
import { parsePlatform } from '../../../src/image/platform.js';
import { parseReference } from '../../../src/image/reference.js';
import { compareImages } from '../../../src/inspect/compare-images.js';
import type { LayerPackages } from '../../../src/inspect/layer-packages.js';
import type { LocatedImage } from '../../../src/locate/locate-image.js';
import type { EngineImage } from '../../../src/places/engine/images.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { savedByDocker24, sha256 } from '../places/engine/saved-image.js';

const STEP = { update: () => undefined };

async function layerWith(packages: readonly string[]): Promise<Buffer> {
  const archive = pack();
  for (const name of packages) archive.entry({ name: `usr/lib/python3/site-packages/${name}.dist-info/METADATA` }, 'x');
  archive.finalize();
  return buffer(archive);
}

/** The same base, and a layer with these packages on it. */
async function imageWith(packages: readonly string[]): Promise<Image> {
  return [await layerWith(['six-1.0']), await layerWith(packages)].reduce((image, tar) => {
    const bytes = gzipSync(tar);
    const layer = blobOf({ bytes, digest: digestOf(bytes), mediaType: MEDIA_TYPES.ociLayerGzip });
    return append(image, { ...layer, diffId: digestOf(tar) }, { createdBy: 'RUN pip install' }, 'app');
  }, sampleImage([]));
}

describe('comparing images', () => {
  const keeping = () => {
    const kept = new Map<string, LayerPackages>();
    const store = {
      find: (digest: string) => Promise.resolve(kept.get(digest)),
      remember: (digest: string, packages: LayerPackages) => {
        kept.set(digest, packages);
        return Promise.resolve();
      },
    };
    return { kept, parts: { store, platform: parsePlatform('linux/amd64') } };
  };
  const elsewhere = (image: Image, name: string, place: 'layout' | 'registry' = 'layout'): LocatedImage => ({
    place,
    source: treeSource(image, name),
    reference: undefined,
  });

  it('tells of packages in the layers that they do not share', async () => {
    const { kept, parts } = keeping();
    const [a, b] = [await imageWith(['mlflow-3.1', 'kedro-1.0']), await imageWith(['mlflow-3.2', 'kedro-1.0'])];
    const found = await compareImages([elsewhere(a, 'oci:a'), elsewhere(b, 'oci:b')], parts, STEP);
    expect(found.packages?.changes).to.deep.equal([{ name: 'mlflow', change: 'changed', a: ['3.1'], b: ['3.2'] }]);
    expect(found.layers.shared).to.have.length(1);
    expect([...kept.keys()]).to.have.members([a, b].map(({ layers }) => layers[1]?.descriptor.digest));
  });

  it('tells places apart where the name is the same', async () => {
    const { parts } = keeping();
    const [a, b] = [await imageWith(['mlflow-3.1']), await imageWith(['mlflow-3.2'])];
    const other = elsewhere(b, 'app:v1', 'registry');
    const found = await compareImages([elsewhere(a, 'app:v1'), other], parts, STEP);
    expect([found.a, found.b]).to.deep.equal(['app:v1 (layout)', 'app:v1 (registry)']);
    const same = await compareImages([other, other], parts, STEP);
    expect([same.a, same.b]).to.deep.equal(['app:v1', 'app:v1']);
  });

  it('tells that an image is identical to itself, and reads no layer for that', async () => {
    const { kept, parts } = keeping();
    const image = await imageWith(['mlflow-3.1']);
    const found = await compareImages([elsewhere(image, 'oci:a'), elsewhere(image, 'oci:b')], parts, STEP);
    expect([found.identical, kept.size]).to.deep.equal([true, 0]);
  });

  it('exports an image on the engine once for all its layers, and never again', async () => {
    const { parts } = keeping();
    const [first, second] = [await layerWith(['kedro-1.0']), await layerWith(['mlflow-3.1'])];
    const archive = await savedByDocker24(first, second);
    let exports = 0;
    const layers = [first, second, first].map((layer) => `sha256:${sha256(layer)}`);
    const image = {
      id: 'sha256:1',
      platform: 'linux/amd64',
      configuration: { env: [], labels: {}, entrypoint: [], cmd: [], user: '', workingDirectory: '/' },
      layers,
    } as unknown as EngineImage;
    const images = {
      find: () => Promise.reject(new Error('it was looked up again')),
      history: () => Promise.resolve([]),
      export: () => {
        exports += 1;
        return Promise.resolve(Readable.from([archive]));
      },
    };
    const onEngine: LocatedImage = { place: 'engine', reference: parseReference('app:v1'), image, images };
    const other = elsewhere(await imageWith(['mlflow-3.2']), 'oci:b');
    const found = await compareImages([onEngine, other], parts, STEP);
    expect(found.packages?.changes.map(({ name }) => name)).to.deep.equal(['kedro', 'mlflow', 'six']);
    await compareImages([onEngine, other], parts, STEP);
    expect(exports).to.equal(1);
  });
});
