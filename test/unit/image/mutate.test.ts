import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf } from '../../../src/image/digest.js';
import type { Image } from '../../../src/image/image.js';
import type { Layer } from '../../../src/image/layer.js';
import { BAKE_COMMENT } from '../../../src/image/bake-step.js';
import { append, bakedLayer, replaceLayer, withRunConfiguration } from '../../../src/image/mutate.js';
import { descriptorOf, sampleImage } from './sample-image.js';

const WHAT = 'sample:v1';

const layerOf = (text: string): Layer => ({
  descriptor: descriptorOf(text),
  diffId: digestOf(`tar of ${text}`),
  open: async function* () {
    yield await Promise.resolve(Buffer.from(text));
  },
});

/** An image's documents must go on naming each other. */
function expectConsistent({ manifest, config, layers }: Image): void {
  for (const { bytes, digest } of [manifest, config]) expect(digestOf(bytes)).to.equal(digest);
  expect(manifest.value.config).to.include({ digest: config.digest, size: config.bytes.length });
  expect(manifest.value.layers.map(({ digest }) => digest)).to.deep.equal(
    layers.map(({ descriptor }) => descriptor.digest),
  );
  expect(config.value.rootfs.diffIds).to.deep.equal(layers.map(({ diffId }) => diffId));
}

/** Everything that a client may lose: go-containerregistry#2041. */
const FOREIGN = {
  config: {
    Cmd: ['kedro', 'run'],
    Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000 },
    cmd: 'a key that only looks like another',
    StopSignal: 'SIGINT',
    ArgsEscaped: true,
    OnBuild: null,
    Volumes: { '/data': {} },
    ExposedPorts: { '80/tcp': {} },
    Entrypoint: ['tini', '--'],
    Env: ['A=b', 'PATH=/bin'],
    Labels: { a: '1', b: '2' },
    'com.example.unknown': [1, { deep: null }],
  },
  author: 'somebody',
  'os.version': '10.0',
};

describe('an image with another run configuration', () => {
  const image = sampleImage(['base', 'top'], FOREIGN, { annotations: { note: 'kept' } });
  const { run } = image.config.value;

  it('is the same image where nothing differs', () => {
    expect(withRunConfiguration(image, { ...run, env: [...run.env] }, WHAT)).to.equal(image);
  });

  it('has every other byte as it was', () => {
    const changed = withRunConfiguration(image, { ...run, entrypoint: ['python'] }, WHAT);
    expectConsistent(changed);
    const back = (text: Buffer) => text.toString().replace('["python"]', '["tini","--"]');
    expect(back(changed.config.bytes)).to.equal(image.config.bytes.toString());
    expect(changed.config.value.run).to.deep.equal({ ...run, entrypoint: ['python'] });
    expect(changed.manifest.value.annotations).to.deep.equal({ note: 'kept' });
  });

  it('sets and takes away labels one by one', () => {
    const changed = withRunConfiguration(image, { ...run, labels: { b: '2', c: '3' } }, WHAT);
    expect(changed.config.bytes.toString()).to.include('"Labels":{"b":"2","c": "3"}');
  });

  it('leaves the image that it was made from untouched', () => {
    const before = Buffer.from(image.config.bytes);
    withRunConfiguration(image, { ...run, user: 'other' }, WHAT);
    expect(image.config.bytes.equals(before)).to.equal(true);
  });

  it('can be set where an image has no configuration to run', () => {
    for (const config of [{}, { config: null }, { config: { Labels: null, Env: null } }]) {
      const changed = withRunConfiguration(
        sampleImage(['base'], config),
        { ...run, labels: { a: '1' }, env: ['A=b'] },
        WHAT,
      );
      expect(changed.config.value.run).to.deep.equal({ ...run, labels: { a: '1' }, env: ['A=b'] });
      expectConsistent(changed);
    }
  });

  it('goes back to the configuration that it had, whatever was set in between', () => {
    const texts = fc.array(fc.string(), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.record({ env: texts, cmd: texts, entrypoint: texts, user: fc.string({ minLength: 1 }) }),
        (other) => {
          const there = withRunConfiguration(image, { ...run, ...other }, WHAT);
          expectConsistent(there);
          const back = withRunConfiguration(there, { ...run, user: run.user }, WHAT);
          expect(back.config.value.run).to.deep.equal(run);
        },
      ),
    );
  });
});

describe('the layers of an image', () => {
  const history = [
    { created_by: 'FROM base' },
    { created_by: 'ENV A=b', empty_layer: true },
    { created_by: '', comment: BAKE_COMMENT },
  ];
  const image = sampleImage(['base', 'ours'], { ...FOREIGN, history });

  it('are told from kdeploy’s by their step', () => {
    expect(bakedLayer(image)).to.equal(1);
    expect(bakedLayer(sampleImage(['base'], { history: history.slice(0, 1) }))).to.equal(undefined);
  });

  it('are not found where the history leaves steps out, or says that the step made none', () => {
    expect(bakedLayer(sampleImage(['base', 'ours'], { history: history.slice(1) }))).to.equal(undefined);
    const empty = history.map((step) => ({ ...step, empty_layer: step.comment === BAKE_COMMENT }));
    expect(bakedLayer(sampleImage(['base'], { history: empty }))).to.equal(undefined);
    expect(bakedLayer(sampleImage(['base', 'ours']))).to.equal(undefined);
  });

  it('are replaced in their place, with their step as it was', () => {
    const replaced = replaceLayer(image, 1, layerOf('new'), WHAT);
    expectConsistent(replaced);
    expect(replaced.layers.map(({ descriptor }) => descriptor.digest)).to.deep.equal([
      digestOf('base'),
      digestOf('new'),
    ]);
    expect(replaced.config.value.history).to.deep.equal(image.config.value.history);
    expect(replaceLayer(replaced, 1, layerOf('ours'), WHAT).manifest.digest).to.equal(image.manifest.digest);
  });

  it('stay the same image where one is replaced by itself', () => {
    expect(replaceLayer(image, 1, layerOf('ours'), WHAT)).to.equal(image);
  });

  it('get one more on top, with a step of its own', () => {
    const more = append(image, layerOf('new'), { createdBy: 'kdeploy bake', comment: BAKE_COMMENT }, WHAT);
    expectConsistent(more);
    expect(bakedLayer(more)).to.equal(2);
    expect(more.config.value.history?.at(-1)).to.deep.equal({
      createdBy: 'kdeploy bake',
      isEmpty: false,
      comment: BAKE_COMMENT,
    });
  });

  it('get one more where no history is kept', () => {
    const more = append(sampleImage(['base']), layerOf('new'), { createdBy: 'kdeploy bake' }, WHAT);
    expectConsistent(more);
    expect(more.config.value.history).to.equal(undefined);
  });

  it('are those that the image has', () => {
    expect(() => replaceLayer(image, 2, layerOf('new'), WHAT)).to.throw(RangeError, 'no layer 2');
  });
});
