import { createHash } from 'node:crypto';
import { rm, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES, type Descriptor } from '../../../../src/image/manifest.js';
import { imageIn, readTree } from '../../../../src/image/tree.js';
import { FolderFiles } from '../../../../src/places/layout/folder-files.js';
import { LayoutSource } from '../../../../src/places/layout/image-layout.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { blobFiles, bytesOf, json, layoutFiles, layoutImage, NAME, pathOf, type Files } from './sample-layout.js';

describe('an image in a layout', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const [one, other] = [layoutImage(['base', 'one'], { name: 'v1' }), layoutImage(['base', 'other'], { name: 'v2' })];

  async function layout(files: Files, wanted?: string): Promise<LayoutSource> {
    await folder.write(files);
    return new LayoutSource(await FolderFiles.open(folder.path), 'oci:dist', wanted);
  }
  const rootOf = async (files: Files, wanted?: string) => (await (await layout(files, wanted)).root()).digest;
  const failure = async (files: Files, wanted?: string) => rejection(rootOf(files, wanted));

  it('is read with its configuration and its layers', async () => {
    const source = await layout(layoutFiles([one.entry], one.files));
    const image = await imageIn(await readTree(source), source.name);
    expect(image.manifest.digest).to.equal(one.image.manifest.digest);
    expect(image.config.bytes.equals(one.image.config.bytes)).to.equal(true);
    const layers = await Promise.all(image.layers.map(async (layer) => (await bytesOf(layer.open())).toString()));
    expect(layers).to.deep.equal(['base', 'one']);
    expect((await readTree(source)).blobs).to.have.length(3);
  });

  it('is chosen by its tag, its whole name, that name written otherwise, the tag of it, or its digest', async () => {
    const both = { [NAME]: 'v1', 'io.containerd.image.name': 'docker.io/library/app:v1' };
    const files = layoutFiles([{ ...one.entry, annotations: both }, other.entry], one.files, other.files);
    for (const wanted of ['v1', 'app:v1', 'docker.io/library/app:v1', one.entry.digest])
      expect(await rootOf(files, wanted), wanted).to.equal(one.entry.digest);
    for (const wanted of ['v2', other.entry.digest])
      expect(await rootOf(files, wanted), wanted).to.equal(other.entry.digest);
    const whole = { ...one.entry, annotations: { [NAME]: 'registry.example.com:5000/team/app:v1' } };
    expect(await rootOf(layoutFiles([whole, other.entry], one.files, other.files), 'v1')).to.equal(one.entry.digest);
  });

  it('needs no name where there is one, though under two names or next to what is none', async () => {
    const again = { ...one.entry, annotations: { [NAME]: 'latest' } };
    const artifact = { mediaType: 'application/vnd.example', digest: digestOf('x'), size: 1 };
    expect(await rootOf(layoutFiles([one.entry, again, artifact], one.files))).to.equal(one.entry.digest);
  });

  it('needs a name where there are several, and is told which there are', async () => {
    const unnamed = layoutImage(['unnamed']);
    const files = layoutFiles([one.entry, other.entry, unnamed.entry], one.files, other.files, unnamed.files);
    const { code, message } = await failure(files);
    expect(code).to.equal('usage');
    expect(message).to.equal(`oci:dist has several images in it: v1, v2, ${unnamed.entry.digest}`);
    const many = Array.from({ length: 40 }, (_, at) => ({ ...layoutImage([String(at)], { name: `v${at}` }).entry }));
    expect((await failure(layoutFiles(many))).message).to.match(/v9 and 30 more$/);
    const missing = await failure(files, 'v3');
    expect([missing.code, missing.message]).to.deep.equal([
      'image-not-found',
      `there is no oci:dist; ${folder.path} has v1, v2, ${unnamed.entry.digest}`,
    ]);
    const sameName = layoutFiles([one.entry, { ...other.entry, annotations: { [NAME]: 'v1' } }]);
    expect((await failure(sameName, 'v1')).message).to.include(`several images: ${one.entry.digest}, `);
    expect((await failure(layoutFiles([]))).message).to.equal('oci:dist has no image in it');
  });

  it('is the whole index where that lists the platforms of one, which go by no name', async () => {
    const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) =>
      layoutImage(['base'], { platform: { os: 'linux', architecture } }),
    );
    const attestation = layoutImage(['attestation'], { platform: { os: 'unknown', architecture: 'unknown' } });
    const [all, blobs] = [
      [amd64, arm64, attestation].map((each) => each?.entry ?? {}),
      [amd64, arm64, attestation].map((each) => each?.files ?? {}),
    ];
    const files = layoutFiles(all, ...blobs);
    const source = await layout(files);
    const root = await source.root();
    expect([root.value.kind, root.mediaType]).to.deep.equal(['index', MEDIA_TYPES.ociIndex]);
    expect(root.bytes.equals(files['index.json'] ?? Buffer.alloc(0))).to.equal(true);
    expect((await readTree(source)).children).to.have.length(3);
    expect(await rootOf(files, arm64?.entry.digest)).to.equal(arm64?.entry.digest);
    expect((await failure(layoutFiles([...all, amd64?.entry ?? {}, { ...one.entry }], ...blobs))).code).to.equal(
      'usage',
    );
  });

  it('is found by its digest where only an index in the layout lists it, and says nothing of its type', async () => {
    const index = json({ schemaVersion: 2, manifests: [one.entry] });
    const entry = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(index), size: index.length };
    const files = layoutFiles([entry], one.files, blobFiles(index));
    expect(await rootOf(files)).to.equal(entry.digest);
    expect(await rootOf(files, one.entry.digest)).to.equal(one.entry.digest);
    const source = await layout(files);
    expect((await source.manifest(entry)).value.kind).to.equal('index');
    expect((await failure(files, digestOf('missing'))).message).to.include('has no blob sha256:');
  });

  it('is damaged where a blob has other bytes, fewer, more, or is missing: the reader is told before the end', async () => {
    const source = await layout(layoutFiles([one.entry], one.files));
    const layer: Descriptor = { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf('base'), size: 4 };
    for (const [content, words] of [
      ['bAse', 'other bytes than those of'],
      ['bas', '3 of the 4 bytes of'],
      ['bases', 'more than the 4 bytes of'],
    ] as const) {
      await folder.write({ [pathOf(layer.digest)]: content });
      const broken = await rejection(bytesOf(source.blob(layer)));
      expect([broken.code, broken.message]).to.deep.equal([
        'image-not-found',
        `oci:dist is damaged: it has ${words} ${layer.digest}`,
      ]);
    }
    await rm(folder.file(pathOf(layer.digest)));
    expect((await rejection(bytesOf(source.blob(layer)))).message).to.include('incomplete: it has no blob sha256:');
    await folder.write({ [pathOf(one.entry.digest)]: one.image.manifest.bytes.toString().replace('amd', 'arm') + ' ' });
    expect((await rejection(source.root())).message).to.include('is damaged');
    await folder.write({ [pathOf(one.entry.digest)]: one.image.manifest.bytes.toString().replace('sha256', 'sha257') });
    expect((await rejection(source.root())).message).to.include('other bytes than those of');
  });

  it('holds no more of a large blob than a piece', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 'x');
    const source = await layout(layoutFiles([one.entry], one.files, blobFiles(large)));
    const sizes: number[] = [];
    const descriptor = { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(large), size: large.length };
    for await (const chunk of source.blob(descriptor)) sizes.push(chunk.length);
    expect(Math.max(...sizes)).to.be.at.most(256 * 1024);
  });

  it('has an empty blob, and one that is named by sha512', async () => {
    const source = await layout(layoutFiles([one.entry], one.files, blobFiles(Buffer.alloc(0))));
    const empty = { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(''), size: 0 };
    expect(await bytesOf(source.blob(empty))).to.have.length(0);
    const digest = `sha512:${createHash('sha512').update('base').digest('hex')}` as const;
    await folder.write({ [pathOf(digest)]: 'base' });
    expect((await bytesOf(source.blob({ ...empty, digest, size: 4 }))).toString()).to.equal('base');
  });

  it('is not read through a link, wherever that leads', async () => {
    const outside = await (await TemporaryFolder.create()).write({ base: 'base', 'sha256/x': '' });
    try {
      const source = await layout(layoutFiles([one.entry], one.files));
      const digest = digestOf('base');
      await rm(folder.file(pathOf(digest)));
      await symlink(outside.file('base'), folder.file(pathOf(digest)));
      const layer = { mediaType: MEDIA_TYPES.ociLayer, digest, size: 4 };
      expect((await rejection(bytesOf(source.blob(layer)))).message).to.include('is a link');
      await rm(folder.file('blobs'), { recursive: true });
      await outside.write(one.files);
      await symlink(outside.file('blobs'), folder.file('blobs'));
      expect((await rejection(source.root())).message).to.include('is a link');
    } finally {
      await outside.remove();
    }
  });

  it('is found by nothing but a digest: no path of an attacker is read', async () => {
    for (const digest of [
      'sha256:../../../etc/passwd',
      `sha256:${'../'.repeat(21)}x`,
      '../oci-layout',
      `md5:${'a'.repeat(32)}`,
    ]) {
      const broken = await failure(layoutFiles([{ ...one.entry, digest }], one.files));
      expect([broken.code, broken.message], digest).to.deep.equal([
        'image-not-found',
        `the index.json of ${folder.path} is not an image that kdeploy can read: its manifest has a descriptor with an invalid digest`,
      ]);
    }
    const source = await layout(layoutFiles([one.entry], one.files));
    const digest = 'sha256:../../oci-layout' as const;
    const asked = await rejection(bytesOf(source.blob({ mediaType: '', digest, size: 1 })));
    expect(asked.message).to.include('not a digest');
  });

  it('is none in a folder that is no layout, or one of a time to come', async () => {
    expect((await failure({ a: Buffer.from('') })).message).to.equal(
      `${folder.path} is not an OCI image layout: it has no file oci-layout`,
    );
    const unpacked = await failure({ 'manifest.json': json([]) });
    expect(unpacked.hint).to.include('docker-archive:FILE');
    for (const [content, words] of [
      ['{"imageLayoutVersion":"2.0.0"}', 'version 2.0.0'],
      ['{}', 'no version'],
      ['x', 'no version'],
      ['null', 'no version'],
    ] as const)
      expect((await failure({ 'oci-layout': Buffer.from(content) })).message, content).to.include(`names ${words}`);
    await rm(folder.file('manifest.json'));
    expect((await failure({ 'oci-layout': json({ imageLayoutVersion: '1.0.0' }) })).message).to.include(
      'no index.json',
    );
    const missing = await rejection(FolderFiles.open(folder.file('missing')));
    expect(missing.message).to.equal(`there is no folder ${folder.file('missing')}`);
    expect((await rejection(FolderFiles.open(folder.file('a')))).code).to.equal('image-not-found');
  });

  it('has an index of a sane size, and of JSON', async () => {
    const files = layoutFiles([one.entry], one.files);
    const large = await failure({ ...files, 'index.json': Buffer.alloc(10 * 1024 * 1024, ' ') });
    expect(large.message).to.equal(`index.json in ${folder.path} is larger than any image needs: 10485760 bytes`);
    for (const text of ['', '[]', '{}', '{"manifests":{}}', '{"manifests":[null]}', '{"mediaType":"x","manifests":[]}'])
      expect((await failure({ ...files, 'index.json': Buffer.from(text) })).code, text).to.equal('image-not-found');
  });

  describe('with what says something of it', () => {
    const referrer = (about: string, content: string, artifactType = 'application/vnd.cyclonedx+json') => {
      const mediaType = MEDIA_TYPES.ociManifest;
      const [empty, document] = ['{}', content].map((text) => Buffer.from(text)) as [Buffer, Buffer];
      const descriptor = (bytes: Buffer) => ({ mediaType: artifactType, digest: digestOf(bytes), size: bytes.length });
      const subject = { mediaType, digest: about, size: 1 };
      const manifest = { schemaVersion: 2, mediaType, artifactType, config: descriptor(empty), subject };
      const bytes = json({ ...manifest, layers: [descriptor(document)] });
      const listed = { mediaType, digest: digestOf(bytes), size: bytes.length };
      return { listed, entry: { ...listed, artifactType }, files: blobFiles(bytes, empty, document) };
    };
    const digest = one.entry.digest;
    const sbom = referrer(digest, 'packages');
    const others = referrer(other.entry.digest, 'of the other');

    it('lists what has it as its subject, by the manifests themselves', async () => {
      const nested = referrer(sbom.entry.digest, 'a signature', 'a/b');
      const source = await layout(
        layoutFiles(
          [one.entry, sbom.listed, others.entry, nested.entry],
          one.files,
          sbom.files,
          others.files,
          nested.files,
        ),
      );
      expect(await source.referrers(digest)).to.deep.equal([sbom.entry]);
      expect(await source.referrers(sbom.entry.digest)).to.deep.equal([nested.entry]);
      expect(await source.referrers(digestOf('unknown'))).to.deep.equal([]);
    });

    it('is chosen without a name as if it were alone, and what belongs to it by its digest', async () => {
      const files = layoutFiles([sbom.entry, one.entry, others.entry], one.files, sbom.files, others.files);
      expect(await rootOf(files)).to.equal(digest);
      expect(await rootOf(files, sbom.entry.digest)).to.equal(sbom.entry.digest);
    });

    it('does not hide what is in the layout by a name, or alone', async () => {
      const named = { ...sbom.entry, annotations: { [NAME]: 'chart' } };
      const files = layoutFiles([one.entry, named], one.files, sbom.files);
      expect(await rootOf(files, 'chart')).to.equal(sbom.entry.digest);
      expect((await failure(files)).code).to.equal('usage');
      expect(await rootOf(layoutFiles([sbom.entry], sbom.files))).to.equal(sbom.entry.digest);
    });

    it('has none where others in the layout are missing, damaged or of another kind', async () => {
      const damaged = referrer(digest, 'damaged');
      const files = layoutFiles(
        [one.entry, referrer(digest, 'missing').entry, damaged.entry, { ...sbom.entry, mediaType: 'text/plain' }],
        one.files,
        sbom.files,
        { [pathOf(damaged.entry.digest)]: Buffer.alloc(damaged.entry.size, ' ') },
      );
      expect(await (await layout(files)).referrers(digest)).to.deep.equal([]);
    });

    it('has none where the layout lists nothing', async () => {
      const source = await layout(layoutFiles([], one.files), digest);
      expect(await source.referrers(digest)).to.deep.equal([]);
      await rm(folder.file('index.json'));
      expect(await (await layout({}, digest)).referrers(digest)).to.deep.equal([]);
    });
  });
});
