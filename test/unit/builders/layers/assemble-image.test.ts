import { expect } from 'chai';
import { assembleImage, type AddedLayer, type Assembly } from '../../../../src/builders/layers/assemble-image.js';
import { digestOf } from '../../../../src/image/digest.js';
import type { Image } from '../../../../src/image/image.js';
import { layerSteps } from '../../../../src/image/layer-steps.js';
import type { Layer } from '../../../../src/image/layer.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { rejection } from '../../../support/rejection.js';
import { descriptorOf, sampleImage } from '../../image/sample-image.js';

const CREATED = '2026-03-04T05:06:07Z';

function layer(text: string): Layer {
  return {
    ...{ descriptor: descriptorOf(text), diffId: digestOf(`tar of ${text}`) },
    open: async function* () {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}

const ADDED: readonly AddedLayer[] = [
  { layer: layer('packages'), step: { createdBy: 'kdeploy layers: a', comment: 'recipe' }, annotations: { a: 'b' } },
  { layer: layer('project'), step: { createdBy: 'COPY . .' } },
];

const assemble = (base: Image, changes: Partial<Assembly> = {}): Image =>
  assembleImage({
    ...{
      base,
      added: ADDED,
      labels: { 'io.kdeploy.layers': '[]' },
      exposedPort: '8888/tcp',
      created: CREATED,
      what: 'python:3.11',
    },
    run: { env: ['PATH=/x'], entrypoint: [], cmd: ['kedro', 'run'], workingDirectory: '/home/kedro', user: 'kedro' },
    ...changes,
  });

type Json = Readonly<Record<string, unknown>>;

const jsonOf = ({ bytes }: { readonly bytes: Buffer }) => JSON.parse(bytes.toString('utf8')) as Json;
const configOf = (image: Image) => jsonOf(image.config);

describe('an image assembled on a base', () => {
  it('has the layers of both, each with its step of the history', () => {
    const base = sampleImage(['a', 'b'], {
      history: [
        { created: '2025-01-01T00:00:00Z', created_by: 'ADD a', foreign: 1 },
        { created_by: 'ENV X=1', empty_layer: true },
        { created_by: 'RUN b' },
      ],
    });
    const image = assemble(base);
    expect(image.layers.map(({ diffId }) => diffId)).to.deep.equal(
      ['a', 'b', 'packages', 'project'].map((text) => digestOf(`tar of ${text}`)),
    );
    expect(configOf(image)).to.deep.include({
      rootfs: { type: 'layers', diff_ids: image.layers.map(({ diffId }) => diffId) },
      history: [
        { created: '2025-01-01T00:00:00Z', created_by: 'ADD a', foreign: 1 },
        { created_by: 'ENV X=1', empty_layer: true },
        { created_by: 'RUN b' },
        { created: CREATED, created_by: 'kdeploy layers: a', comment: 'recipe' },
        { created: CREATED, created_by: 'COPY . .' },
      ],
    });
  });

  it('is an OCI image whose manifest has the annotations of the layers', () => {
    const image = assemble(
      sampleImage(['a'], {}, { layers: [{ ...descriptorOf('a'), annotations: { of: 'the base' } }] }),
    );
    expect(jsonOf(image.manifest)).to.deep.equal({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: image.config.digest, size: image.config.bytes.length },
      layers: [
        { ...descriptorOf('a'), annotations: { of: 'the base' } },
        { ...descriptorOf('packages'), annotations: { a: 'b' } },
        descriptorOf('project'),
      ],
    });
    expect(image.manifest.digest).to.equal(digestOf(image.manifest.bytes));
  });

  it('takes nothing over that is said of the manifest of the base', () => {
    const image = assemble(
      sampleImage(
        ['a'],
        {},
        { annotations: { 'org.opencontainers.image.base.name': 'x' }, subject: descriptorOf('s') },
      ),
    );
    expect(jsonOf(image.manifest)).to.have.all.keys('schemaVersion', 'mediaType', 'config', 'layers');
  });

  for (const [what, history] of [
    ['no history', undefined],
    ['a history that is null', null],
    ['a history without a step', []],
    ['steps that cannot be matched to layers', [{ created_by: 'ADD a' }, { created_by: 'ENV', empty_layer: true }]],
  ] as const)
    it(`gives a base with ${what} a step for each layer`, () => {
      const image = assemble(sampleImage(['a', 'b'], history === undefined ? {} : { history }));
      const steps = layerSteps(image.config.value.history, image.layers.length);
      expect(steps?.map(({ createdBy }) => createdBy)).to.deep.equal([
        ...['base image', 'base image', 'kdeploy layers: a', 'COPY . .'],
      ]);
    });

  it('can have a base without layers', () => {
    for (const config of [{}, { history: [] }, { history: [{ created_by: 'ENV', empty_layer: true }] }]) {
      const { layers, config: written } = assemble(sampleImage([], config));
      expect(layers).to.have.length(2);
      expect(layerSteps(written.value.history, 2)).to.have.length(2);
    }
  });

  it('keeps what the base says beyond how it is run, and leaves out what is true of the base alone', () => {
    const kept = {
      ...{ 'os.version': '12', 'os.features': ['x'], variant: 'v8', foreign: { deep: [1, null] } },
    };
    const config = {
      ...{ Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000 }, Volumes: { '/data': {} } },
      ...{ Labels: { maintainer: 'team' }, Shell: ['/bin/bash', '-c'], StopSignal: 'SIGINT', Foreign: true },
      ExposedPorts: { '80/tcp': {} },
    };
    const ofTheBase = {
      ...{ id: 'x', parent: 'y', container: 'z', container_config: {}, docker_version: '20.10', author: 'somebody' },
      'moby.buildkit.buildinfo.v1': 'e30=',
    };
    const of = { ArgsEscaped: true, Cmd: ['python3'], Env: ['A=1'], User: 'root', WorkingDir: '/' };
    const image = assemble(
      sampleImage(['a'], { ...kept, ...ofTheBase, created: '2020-01-01', config: { ...config, ...of } }),
    );
    const found = configOf(image);
    expect(found).to.have.all.keys(
      ...['architecture', 'os', 'created', 'config', 'rootfs', 'history', ...Object.keys(kept)],
    );
    expect(found).to.deep.include({ ...kept, created: CREATED });
    expect(found.config).to.deep.equal({
      ...config,
      Labels: { maintainer: 'team', 'io.kdeploy.layers': '[]' },
      ...{ ExposedPorts: { '80/tcp': {}, '8888/tcp': {} }, Cmd: ['kedro', 'run'], Env: ['PATH=/x'] },
      ...{ User: 'kedro', WorkingDir: '/home/kedro' },
    });
  });

  it('keeps numbers that JavaScript cannot hold', () => {
    const base = sampleImage(['a'], { config: { Healthcheck: { Interval: 'NUMBER' } } });
    const bytes = Buffer.from(base.config.bytes.toString('utf8').replace('"NUMBER"', '12345678901234567891'));
    const image = assemble({ ...base, config: { ...base.config, bytes } });
    expect(image.config.bytes.toString('utf8')).to.contain('12345678901234567891');
  });

  it('writes the entrypoint only where there is one', () => {
    const { config } = configOf(assemble(sampleImage(['a'])));
    expect(config).not.to.have.property('Entrypoint');
    const run = { env: [], entrypoint: ['tini', '--'], cmd: ['x'], workingDirectory: '/', user: '' };
    const base = sampleImage(['a'], { config: { Entrypoint: ['tini', '--'] } });
    expect(configOf(assemble(base, { run })).config).to.deep.include({ Entrypoint: ['tini', '--'], Cmd: ['x'] });
  });

  it('can have a base whose configuration or parts of it are null', () => {
    for (const config of [null, {}, { ExposedPorts: null, Env: null, Cmd: null, Labels: null }])
      expect(configOf(assemble(sampleImage(['a'], { config }))).config).to.deep.include({
        ...{ ExposedPorts: { '8888/tcp': {} }, Env: ['PATH=/x'], User: 'kedro' },
      });
  });

  it('has the same bytes each time', () => {
    const digests = [1, 2].map(() => assemble(sampleImage(['a'], { history: [{ created_by: 'a' }] })).manifest.digest);
    expect(digests[0]).to.equal(digests[1]);
  });

  it('names the layers of a Docker base as OCI does, with the same bytes', async () => {
    const layers = [
      { ...descriptorOf('a'), mediaType: MEDIA_TYPES.dockerLayerGzip },
      { ...descriptorOf('b'), mediaType: 'application/vnd.docker.image.rootfs.diff.tar' },
      { ...descriptorOf('c'), mediaType: MEDIA_TYPES.ociLayerZstd },
    ];
    const image = assemble(sampleImage(['a', 'b', 'c'], {}, { mediaType: MEDIA_TYPES.dockerManifest, layers }));
    expect(image.manifest.mediaType).to.equal(MEDIA_TYPES.ociManifest);
    expect(image.config.mediaType).to.equal(MEDIA_TYPES.ociConfig);
    const found = image.layers.slice(0, 3);
    expect(found.map(({ descriptor }) => descriptor)).to.deep.equal([
      { ...descriptorOf('a'), mediaType: MEDIA_TYPES.ociLayerGzip },
      { ...descriptorOf('b'), mediaType: MEDIA_TYPES.ociLayer },
      { ...descriptorOf('c'), mediaType: MEDIA_TYPES.ociLayerZstd },
    ]);
    for await (const chunk of found[0]?.open() ?? []) expect(Buffer.from(chunk).toString('utf8')).to.equal('a');
  });

  for (const mediaType of [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.wasm.content.layer.v1+wasm',
  ])
    it(`refuses a base with a layer that is not its own to give: ${mediaType}`, async () => {
      const base = sampleImage(['a'], {}, { layers: [{ ...descriptorOf('a'), mediaType }] });
      const error = await rejection(Promise.resolve().then(() => assemble(base)));
      expect([error.code, error.message]).to.deep.equal([
        'image-unusable',
        `python:3.11 has a layer of the type ${mediaType}, which cannot be taken over`,
      ]);
      expect(error.hint).to.contain('image.base');
    });

  it('refuses a base whose configuration says one thing twice', async () => {
    const base = sampleImage(['a'], { config: { Env: ['A=1'] } });
    const bytes = Buffer.from(base.config.bytes.toString('utf8').replace('"Env"', '"Env":["B=2"],"Env"'));
    const error = await rejection(
      Promise.resolve().then(() => assemble({ ...base, config: { ...base.config, bytes } })),
    );
    expect(error.code).to.equal('image-unusable');
  });
});
