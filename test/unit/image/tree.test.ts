import { expect } from 'chai';
import { blobOf } from '../../../src/image/blob.js';
import { digestOf, type Digest } from '../../../src/image/digest.js';
import type { Document } from '../../../src/image/document.js';
import { parseManifest, type ParsedManifest } from '../../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { parseReference } from '../../../src/image/reference.js';
import type { ImageSource } from '../../../src/image/source.js';
import { imageIn, readTree, treeOf } from '../../../src/image/tree.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from './sample-image.js';

const repository = parseReference('registry.example.com/team/app');

class MemorySource implements ImageSource {
  readonly name = 'app:v1';
  readonly repository = repository;
  readonly documents = new Map<Digest, Document<ParsedManifest>>();
  readonly blobs = new Map<Digest, Buffer>();
  top: Digest | undefined;

  add(document: object, mediaType: string): { mediaType: string; digest: Digest; size: number } {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    this.documents.set(digest, { bytes, mediaType, digest, value: parseManifest(bytes, mediaType, this.name) });
    this.top = digest;
    return { mediaType, digest, size: bytes.length };
  }

  addImage(architecture: string) {
    const { manifest, config } = sampleImage(['base'], { architecture });
    this.blobs.set(config.digest, config.bytes);
    const added = this.add(JSON.parse(manifest.bytes.toString()) as object, MEDIA_TYPES.ociManifest);
    return { ...added, platform: { os: 'linux', architecture } };
  }

  addIndex(manifests: readonly object[]) {
    return this.add({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }, MEDIA_TYPES.ociIndex);
  }

  root = () => this.manifest({ digest: this.top ?? digestOf('') });
  manifest = ({ digest }: { readonly digest: Digest }) => {
    const found = this.documents.get(digest);
    return found === undefined ? Promise.reject(new Error('missing')) : Promise.resolve(found);
  };
  async *blob({ digest }: { readonly digest: Digest }) {
    yield await Promise.resolve(this.blobs.get(digest) ?? Buffer.alloc(0));
  }
}

describe('the tree of a manifest', () => {
  it('has the configuration and the layers of an image, each with where it can be mounted from', async () => {
    const source = new MemorySource();
    source.addImage('amd64');
    const { blobs, children, document } = await readTree(source);
    expect(document.digest).to.equal(source.top);
    expect(children).to.deep.equal([]);
    expect(blobs.map(({ descriptor: { mediaType }, from }) => [mediaType, from])).to.deep.equal([
      [MEDIA_TYPES.ociConfig, repository],
      [MEDIA_TYPES.ociLayerGzip, repository],
    ]);
  });

  it('goes down an index to its platforms, its attestations and the indexes in it', async () => {
    const source = new MemorySource();
    const [amd64, arm64] = [source.addImage('amd64'), source.addImage('arm64')];
    const attestation = { ...source.addImage('386'), platform: { os: 'unknown', architecture: 'unknown' } };
    const nested = source.addIndex([arm64]);
    source.addIndex([amd64, attestation, nested]);
    const { children } = await readTree(source);
    expect(children.map(({ entry }) => entry.digest)).to.deep.equal([amd64.digest, attestation.digest, nested.digest]);
    expect(children[2]?.tree.children[0]?.tree.document.digest).to.equal(arm64.digest);
  });

  it('is not read where indexes nest too deeply, or list what kdeploy does not know', async () => {
    const source = new MemorySource();
    let inner: object = source.addImage('amd64');
    for (let depth = 0; depth < 4; depth++) inner = source.addIndex([inner]);
    const failure = await rejection(readTree(source));
    expect(failure.message).to.equal('app:v1 nests image indexes too deeply');
    source.addIndex([{ ...source.addImage('amd64'), mediaType: 'application/vnd.example' }]);
    expect((await rejection(readTree(source))).message).to.include('unsupported type application/vnd.example');
  });
});

describe('an image in a tree', () => {
  it('is read with its configuration, and becomes the same tree again', async () => {
    const source = new MemorySource();
    source.addImage('amd64');
    const image = await imageIn(await readTree(source), source.name);
    expect(image.layers[0]?.from).to.equal(repository);
    expect(image.config.value.architecture).to.equal('amd64');
    const [again, before] = [treeOf(image), await readTree(source)];
    expect(again.document.digest).to.equal(before.document.digest);
    expect(again.blobs.map(({ descriptor }) => descriptor)).to.deep.equal(
      before.blobs.map(({ descriptor }) => descriptor),
    );
  });

  it('is none where there is an index, or a configuration larger than any', async () => {
    const source = new MemorySource();
    source.addIndex([source.addImage('amd64')]);
    const tree = await readTree(source);
    expect((await rejection(imageIn(tree, source.name))).message).to.include('an index of several images');
    const { manifest, config } = sampleImage(['base']);
    const text = JSON.stringify({
      ...(JSON.parse(manifest.bytes.toString()) as object),
      config: { ...blobOf(config).descriptor, size: 1e9 },
    });
    source.add(JSON.parse(text) as object, MEDIA_TYPES.ociManifest);
    const failure = await rejection(imageIn(await readTree(source), source.name));
    expect(failure.message).to.include('larger than any image needs');
  });
});
