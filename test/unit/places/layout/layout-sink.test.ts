import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../../src/errors.js';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { imageIn, readTree, treeOf } from '../../../../src/image/tree.js';
import { FolderFiles } from '../../../../src/places/layout/folder-files.js';
import { LayoutSource } from '../../../../src/places/layout/image-layout.js';
import { LayoutSink } from '../../../../src/places/layout/layout-sink.js';
import { rejection } from '../../../support/rejection.js';
import { sampleImage } from '../../image/sample-image.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { bytesOf, NAME, pathOf, textBlob } from './sample-layout.js';

type Listed = Parameters<LayoutSink['list']>[0];

describe('writing to a layout', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const dist = () => folder.file('dist');
  const sink = () => new LayoutSink(dist());
  const text = (name: string) => readFile(folder.file(`dist/${name}`), 'utf8');
  const index = async () => JSON.parse(await text('index.json')) as { manifests: Record<string, unknown>[] };
  const documentOf = (content: string) => {
    const { manifest } = sampleImage([content]);
    return { bytes: manifest.bytes, mediaType: manifest.mediaType, digest: manifest.digest };
  };
  const rootOf = async (tag: string) => new LayoutSource(await FolderFiles.open(dist()), `oci:dist:${tag}`, tag).root();

  it('makes a layout that is read back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string(), { maxLength: 4 }),
        fc.stringMatching(/^[a-z0-9_][a-z0-9._-]{0,20}$/),
        async (layers, tag) => {
          await rm(dist(), { recursive: true, force: true });
          const image = sampleImage(layers.map((layer) => layer.replaceAll(/[^ -~]/g, 'x')));
          const { blobs, document } = treeOf(image);
          const target = sink();
          await Promise.all(blobs.map((blob) => target.writeBlob(blob)));
          await target.writeManifest(document, tag);
          const source = new LayoutSource(await FolderFiles.open(dist()), 'oci:dist', tag);
          const read = await imageIn(await readTree(source), source.name);
          expect(read.manifest.bytes.equals(image.manifest.bytes)).to.equal(true);
          expect(read.config.bytes.equals(image.config.bytes)).to.equal(true);
          for (const [at, layer] of read.layers.entries())
            expect(await bytesOf(layer.open())).to.deep.equal(
              await bytesOf(image.layers[at]?.open() ?? source.blob(layer.descriptor)),
            );
        },
      ),
      { numRuns: 30 },
    );
  });

  it('says what is there already, and how many bytes have come', async () => {
    const heard: number[] = [];
    expect(await sink().writeBlob(textBlob('base'), (count) => heard.push(count))).to.equal('sent');
    expect(await sink().writeBlob(textBlob('base'), (count) => heard.push(count))).to.equal('present');
    expect(heard).to.deep.equal([4]);
    expect(await text(pathOf(digestOf('base')))).to.equal('base');
  });

  it('writes what is there with another size anew, and in the place of a link', async () => {
    await sink().writeBlob(textBlob('base'));
    const path = pathOf(digestOf('base'));
    await folder.write({ [`dist/${path}`]: 'ba', outside: 'base' });
    expect(await sink().writeBlob(textBlob('base'))).to.equal('sent');
    await rm(folder.file(`dist/${path}`));
    await symlink(folder.file('outside'), folder.file(`dist/${path}`));
    expect(await sink().writeBlob(textBlob('base'))).to.equal('sent');
    expect([await text(path), await readFile(folder.file('outside'), 'utf8')]).to.deep.equal(['base', 'base']);
  });

  it('leaves nothing of a blob that breaks off, or has other bytes', async () => {
    const broken = {
      ...textBlob('base'),
      async *open() {
        yield await Promise.resolve(Buffer.from('ba'));
        throw new KdeployError('registry-unreachable', 'broken');
      },
    };
    expect((await rejection(sink().writeBlob(broken))).message).to.equal('broken');
    for (const content of ['bAse', 'bas', 'bases'])
      expect((await rejection(sink().writeBlob(textBlob(content, 'base')))).message).to.include('is damaged');
    expect(await readdir(folder.file('dist/blobs/sha256'))).to.deep.equal([]);
  });

  it('replaces the entry of a tag, and keeps what else is in the index', async () => {
    const other = {
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf('other'),
      size: 5,
      annotations: { [NAME]: 'other' },
    };
    const old = { ...other, annotations: { [NAME]: 'v1' }, platform: { os: 'linux', architecture: 'amd64' } };
    await folder.write({
      'dist/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'dist/index.json': `{"schemaVersion": 2, "manifests": ${JSON.stringify([old, other, old])}, "annotations": {"foreign": 12345678901234567890}}\n`,
    });
    const document = documentOf('new');
    await sink().writeManifest(document, 'v1');
    const entry = {
      mediaType: document.mediaType,
      digest: document.digest,
      size: document.bytes.length,
      annotations: { [NAME]: 'v1' },
    };
    expect((await index()).manifests).to.deep.equal([entry, other]);
    expect(await text('index.json')).to.match(/"foreign": 12345678901234567890\}\}\n$/);
    const before = await text('index.json');
    await sink().writeManifest(document, 'v1');
    expect(await text('index.json')).to.equal(before);
    await sink().writeManifest(documentOf('more'), 'v2');
    expect((await index()).manifests.map(({ annotations }) => annotations)).to.deep.equal(
      ['v1', 'other', 'v2'].map((name) => ({ [NAME]: name })),
    );
  });

  it('begins with an index that is missing, empty, or null as Go writes it', async () => {
    for (const content of [undefined, '{}', '{"manifests":null}', '{"schemaVersion":2,"manifests":[]}']) {
      await folder.write({
        'dist/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
        ...(content !== undefined && { 'dist/index.json': content }),
      });
      await sink().writeManifest(documentOf('a'), 'v1');
      expect((await rootOf('v1')).digest, content).to.equal(documentOf('a').digest);
    }
  });

  it('puts a manifest without a tag under its digest alone', async () => {
    const document = documentOf('a');
    await sink().writeManifest(document);
    expect(await readdir(dist())).to.deep.equal(['blobs', 'oci-layout']);
    await sink().writeManifest(documentOf('b'), 'v1');
    expect((await rootOf(document.digest)).digest).to.equal(document.digest);
  });

  it('lists an image that gets no tag, once, so that it is found', async () => {
    const document = documentOf('a');
    await sink().writeManifest(document);
    await sink().list(document);
    await sink().list(document);
    const { mediaType, digest, bytes } = document;
    expect((await index()).manifests).to.deep.equal([{ mediaType, digest, size: bytes.length }]);
    const alone = new LayoutSource(await FolderFiles.open(dist()), 'oci:dist');
    expect((await alone.root()).digest).to.equal(digest);
  });

  it('lists an image without a tag beside others, and not beside itself', async () => {
    const [tagged, other, another] = ['tagged', 'other', 'another'].map(documentOf) as [Listed, Listed, Listed];
    await sink().writeManifest(tagged, 'v1');
    for (const each of [tagged, other, another]) {
      await sink().writeManifest(each);
      await sink().list(each);
    }
    await sink().writeManifest(other, 'v1');
    expect((await index()).manifests.map(({ digest, annotations }) => [digest, annotations])).to.deep.equal([
      [other.digest, { [NAME]: 'v1' }],
      [other.digest, undefined],
      [another.digest, undefined],
    ]);
  });

  it('lists what says something of an image by its type, once', async () => {
    const image = documentOf('a');
    const subject = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length };
    const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 };
    const annotations = { created: 'today' };
    const { mediaType } = image;
    const manifest = {
      schemaVersion: 2,
      mediaType,
      artifactType: 'a/b',
      config,
      layers: [config],
      subject,
      annotations,
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const referrer = { bytes, mediaType, digest: digestOf(bytes) };
    await sink().writeManifest(image, 'v1');
    await sink().attach(referrer);
    await sink().attach(referrer);
    expect((await index()).manifests).to.deep.equal([
      { ...subject, annotations: { [NAME]: 'v1' } },
      { mediaType, digest: referrer.digest, size: bytes.length, artifactType: 'a/b', annotations },
    ]);
    const source = new LayoutSource(await FolderFiles.open(dist()), 'oci:dist');
    expect((await source.root()).digest).to.equal(image.digest);
    expect(await source.referrers(image.digest)).to.have.length(1);
    const failure = await sink()
      .attach(image)
      .catch((error: unknown) => error);
    expect(failure).to.have.property('message', `${image.digest} has no subject`);
  });

  it('lists what is attached at the same time in the order in which that was begun', async () => {
    const image = documentOf('a');
    const subject = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length };
    const documents = Array.from({ length: 8 }, (_, at) => {
      const { manifest } = sampleImage([`document ${at}`], {}, { artifactType: 'a/b', subject });
      return { bytes: manifest.bytes, mediaType: manifest.mediaType, digest: manifest.digest };
    });
    const layout = sink();
    await layout.writeManifest(image, 'v1');
    await Promise.all(documents.map((document) => layout.attach(document)));
    expect((await index()).manifests.slice(1).map(({ digest }) => digest)).to.deep.equal(
      documents.map(({ digest }) => digest),
    );
  });

  it('loses no entry of many who write at the same time, to a folder that none of them has made', async () => {
    const tags = Array.from({ length: 12 }, (_, at) => `v${at}`);
    await Promise.all(tags.map((tag) => sink().writeManifest(documentOf(tag), tag)));
    for (const tag of tags) expect((await rootOf(tag)).digest, tag).to.equal(documentOf(tag).digest);
    expect((await index()).manifests).to.have.length(tags.length);
    expect((await readdir(dist())).sort()).to.deep.equal(['blobs', 'index.json', 'oci-layout']);
  });

  it('waits no longer than some seconds for one that has died', async () => {
    await sink().writeManifest(documentOf('a'), 'v1');
    await folder.write({ 'dist/.index.json.kdeploy-lock': '' });
    const { message, hint } = await rejection(sink().writeManifest(documentOf('b'), 'v1'));
    expect(message).to.equal(`another kdeploy is changing ${dist()}/index.json; nothing was written`);
    expect(hint).to.include('delete .index.json.kdeploy-lock');
    expect((await rootOf('v1')).digest).to.equal(documentOf('a').digest);
  });

  it('writes into no folder of something else', async () => {
    await folder.write({ 'dist/notes.txt': 'mine', file: '' });
    const refused = await rejection(sink().writeBlob(textBlob('base')));
    expect([refused.code, refused.message]).to.deep.equal([
      'usage',
      `${dist()} is not empty, and not an OCI image layout; nothing was written`,
    ]);
    expect(await readdir(dist())).to.deep.equal(['notes.txt']);
    expect((await rejection(new LayoutSink(folder.file('file')).writeBlob(textBlob('base')))).code).to.equal('usage');
    await folder.write({ 'new/oci-layout': '{"imageLayoutVersion":"2.0.0"}' });
    expect((await rejection(new LayoutSink(folder.file('new')).writeBlob(textBlob('base')))).message).to.include(
      'version 2.0.0',
    );
    await mkdir(folder.file('empty'));
    expect(await new LayoutSink(folder.file('empty')).writeBlob(textBlob('base'))).to.equal('sent');
  });

  it('leaves an index alone that is none', async () => {
    for (const content of ['', '[]', '{"manifests":{}}', '{"manifests":[null]} x']) {
      await folder.write({ 'dist/oci-layout': '{"imageLayoutVersion":"1.0.0"}', 'dist/index.json': content });
      expect((await rejection(sink().writeManifest(documentOf('a'), 'v1'))).code, content).to.equal('image-unusable');
      expect(await text('index.json')).to.equal(content);
    }
  });

  it('writes nowhere else through a link in the layout', async () => {
    await sink().writeManifest(documentOf('a'), 'v1');
    await folder.write({ 'outside/x': '' });
    await rm(folder.file('dist/blobs'), { recursive: true });
    await symlink(folder.file('outside'), folder.file('dist/blobs'));
    expect((await rejection(sink().writeBlob(textBlob('base')))).message).to.include('leads out of');
    expect(await readdir(folder.file('outside'))).to.deep.equal(['x']);
  });
});
