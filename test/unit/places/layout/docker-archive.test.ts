import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { imageIn, readTree } from '../../../../src/image/tree.js';
import { DockerArchive } from '../../../../src/places/layout/docker-archive.js';
import { TarFiles } from '../../../../src/places/layout/tar-files.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { bytesOf, json, pathOf, tarOf } from './sample-layout.js';

type Entries = (readonly [name: string, content: Buffer | string])[];

const hexOf = (bytes: Buffer | string) => digestOf(bytes).slice('sha256:'.length);

/** The configuration of an image whose layers are these, before they were compressed. */
const configOf = (layers: readonly string[], more: object = {}) =>
  json({
    architecture: 'amd64',
    os: 'linux',
    ...more,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) },
  });

describe('an image that docker save wrote', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  async function archive(entries: Entries, wanted?: string): Promise<DockerArchive> {
    await folder.write({ 'app.tar': await tarOf(entries) });
    return new DockerArchive(await TarFiles.open(folder.file('app.tar')), 'docker-archive:app.tar', wanted);
  }
  const imageOf = async (source: DockerArchive) => imageIn(await readTree(source), source.name);
  const failure = async (entries: Entries, wanted?: string) => rejection((await archive(entries, wanted)).root());

  /** As Docker wrote it before version 25. */
  const classic = (config: Buffer, layers: Entries, names: readonly string[] | null = ['app:v1']): Entries => [
    [`${hexOf(config)}.json`, config],
    ...layers,
    [
      'manifest.json',
      json([{ Config: `${hexOf(config)}.json`, RepoTags: names, Layers: layers.map(([name]) => name) }]),
    ],
  ];

  it('keeps configuration and layers as they are, below a manifest that is the same each time', async () => {
    const config = configOf(['base', 'one']);
    const entries = classic(config, [
      ['b/layer.tar', 'base'],
      ['o/layer.tar', 'one'],
    ]);
    const image = await imageOf(await archive(entries));
    expect(image.config.digest).to.equal(digestOf(config));
    expect(image.config.bytes.equals(config)).to.equal(true);
    expect(
      image.layers.map(({ descriptor, diffId }) => [descriptor.mediaType, descriptor.digest === diffId]),
    ).to.deep.equal([
      [MEDIA_TYPES.ociLayer, true],
      [MEDIA_TYPES.ociLayer, true],
    ]);
    expect((await Promise.all(image.layers.map((layer) => bytesOf(layer.open())))).map(String)).to.deep.equal([
      'base',
      'one',
    ]);
    const again = await archive(entries);
    expect((await again.root()).bytes.equals(image.manifest.bytes)).to.equal(true);
    expect((await again.manifest(image.manifest)).digest).to.equal(image.manifest.digest);
    expect((await rejection(again.manifest({ digest: digestOf('x') }))).message).to.include('no manifest');
    expect(
      (await rejection(bytesOf(again.blob({ mediaType: '', digest: digestOf('x'), size: 1 })))).message,
    ).to.include('no blob');
  });

  it('is read from blobs, as Docker writes them since version 25, compressed ones as well', async () => {
    const [base, config] = [gzipSync('base'), configOf(['base', 'one'])];
    const blobs: Entries = [base, Buffer.from('one'), config].map((bytes) => [pathOf(digestOf(bytes)), bytes]);
    const [first, second, last] = blobs.map(([name]) => name);
    const manifest = [{ Config: last, RepoTags: ['app:v1'], Layers: [first, second] }];
    const image = await imageOf(await archive([...blobs, ['manifest.json', json(manifest)], ['oci-layout', '{}']]));
    expect(image.layers.map(({ descriptor: { mediaType, digest } }) => [mediaType, digest])).to.deep.equal([
      [MEDIA_TYPES.ociLayerGzip, digestOf(base)],
      [MEDIA_TYPES.ociLayer, digestOf('one')],
    ]);
    const swapped: Entries = [[first ?? '', gzipSync('other')], ...blobs.slice(1), ['manifest.json', json(manifest)]];
    expect((await failure(swapped)).message).to.include('has other bytes than its name says');
  });

  it('knows a layer that zstd compressed', async () => {
    const zstd = Buffer.from('28b52ffd0400', 'hex');
    const image = await imageOf(await archive(classic(configOf(['base']), [['layer', zstd]])));
    expect(image.layers[0]?.descriptor.mediaType).to.equal(MEDIA_TYPES.ociLayerZstd);
  });

  it('has a layer once, and links to it', async () => {
    const layers: Entries = [
      ['a/layer.tar', 'same'],
      ['b/layer.tar', '-> ../a/layer.tar'],
    ];
    const image = await imageOf(await archive(classic(configOf(['same', 'same']), layers)));
    expect((await Promise.all(image.layers.map((layer) => bytesOf(layer.open())))).map(String)).to.deep.equal([
      'same',
      'same',
    ]);
    const leading: Entries = [['a/layer.tar', '-> ../../etc/passwd']];
    expect((await failure(classic(configOf(['x']), leading))).message).to.include('leads out of the file');
  });

  it('is chosen by a name or by its ID, where there are several', async () => {
    const configs = ['one', 'two', 'three'].map((text) => configOf(['base'], { author: text }));
    const names = [['app:v1', 'app:latest'], ['registry.example.com/app:v2'], null];
    const entries: Entries = [
      ['layer', 'base'],
      ...configs.map((config) => [hexOf(config), config] as const),
      [
        'manifest.json',
        json(configs.map((config, at) => ({ Config: hexOf(config), RepoTags: names[at], Layers: ['layer'] }))),
      ],
    ];
    const chosen = async (wanted: string) => (await imageOf(await archive(entries, wanted))).config.digest;
    const [one, two, three] = configs.map((config) => digestOf(config));
    for (const name of ['app:v1', 'app', 'docker.io/library/app:latest', 'v1', one ?? ''])
      expect(await chosen(name), name).to.equal(one);
    for (const name of ['registry.example.com/app:v2', 'v2']) expect(await chosen(name), name).to.equal(two);
    expect(await chosen(three ?? '')).to.equal(three);
    const several = await failure(entries);
    expect([several.code, several.message]).to.deep.equal([
      'usage',
      `docker-archive:app.tar has several images in it: app:v1, app:latest, registry.example.com/app:v2, ${three ?? ''}`,
    ]);
    expect((await failure(entries, 'other')).code).to.equal('image-not-found');
    expect((await failure(entries, digestOf('x'))).hint).to.include('IDs');
    const single = await archive(classic(configOf(['base']), [['layer', 'base']], null));
    expect((await single.root()).value.kind).to.equal('image');
  });

  it('is refused where a layer is not the one that its configuration names', async () => {
    const { code, message } = await failure(classic(configOf(['base']), [['b/layer.tar', 'other']]));
    expect([code, message]).to.deep.equal([
      'image-not-found',
      'docker-archive:app.tar is not an image that kdeploy can read: its layer b/layer.tar is not the one that its configuration names',
    ]);
    const tooFew = await failure(classic(configOf(['base', 'one']), [['b/layer.tar', 'base']]));
    expect(tooFew.message).to.include('it has 1 layers, its configuration 2');
  });

  it('is refused where something is missing, or something else is there', async () => {
    const config = configOf(['base']);
    const complete = classic(config, [['layer', 'base']]);
    const without = (name: string) => complete.filter(([other]) => other !== name);
    expect((await failure(without('layer'))).message).to.include('it lacks the layer layer');
    expect((await failure(without(`${hexOf(config)}.json`))).message).to.include('it lacks the configuration');
    const layout = await failure(without('manifest.json'));
    expect(layout.message).to.include('was not written by `docker save`');
    expect(layout.hint).to.include('oci-archive:');
    for (const text of ['', 'x', '{}', '[null]', '[{}]', '[{"Config":1,"Layers":[]}]', '[{"Config":"x","Layers":[1]}]'])
      expect((await failure([['manifest.json', text]])).message, text).to.include('is not a list of images');
    expect((await failure([['manifest.json', '[]']])).message).to.include('has no image in it');
    const outside: Entries = [['manifest.json', json([{ Config: '../../etc/passwd', Layers: [] }])]];
    expect((await failure(outside)).message).to.include('it lacks the configuration ../../etc/passwd');
    const twice = await failure([...complete, ['manifest.json', '[]']]);
    expect(twice.message).to.include('is there twice');
  });
});
