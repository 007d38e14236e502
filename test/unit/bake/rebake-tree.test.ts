import { expect } from 'chai';
import { rebakeTree } from '../../../src/bake/rebake-tree.js';
import { digestOf, type Digest } from '../../../src/image/digest.js';
import type { Document } from '../../../src/image/document.js';
import type { Image } from '../../../src/image/image.js';
import { parseManifest, type ParsedManifest } from '../../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { withRunConfiguration } from '../../../src/image/mutate.js';
import type { ImageSource } from '../../../src/image/source.js';
import { readTree } from '../../../src/image/tree.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';

const NAME = 'app:v1';

/** An image's manifests and configurations, in memory. */
class Source implements ImageSource {
  readonly name = NAME;
  readonly documents = new Map<Digest, Document<ParsedManifest>>();
  readonly blobs = new Map<Digest, Buffer>();
  #top: Digest = digestOf('');

  add(document: object, mediaType: string) {
    const bytes = Buffer.from(JSON.stringify(document));
    this.#top = digestOf(bytes);
    this.documents.set(this.#top, {
      bytes,
      mediaType,
      digest: this.#top,
      value: parseManifest(bytes, mediaType, NAME),
    });
    return { mediaType, digest: this.#top, size: bytes.length };
  }

  addImage(architecture: string, manifest: object = {}) {
    const image = sampleImage(['base'], { architecture });
    this.blobs.set(image.config.digest, image.config.bytes);
    const document = { ...(JSON.parse(image.manifest.bytes.toString()) as object), ...manifest };
    return { ...this.add(document, MEDIA_TYPES.ociManifest), platform: { os: 'linux', architecture } };
  }

  /** As BuildKit adds one for each image. */
  addAttestation(of: Digest) {
    const added = this.addImage('attestation', {
      config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(of), size: 2 },
    });
    const annotations = { 'vnd.docker.reference.digest': of, 'vnd.docker.reference.type': 'attestation-manifest' };
    return { ...added, annotations, platform: { os: 'unknown', architecture: 'unknown' } };
  }

  addIndex(manifests: readonly object[], fields: object = {}) {
    return this.add({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests, ...fields }, MEDIA_TYPES.ociIndex);
  }

  root = () => this.manifest({ digest: this.#top });
  manifest({ digest }: { readonly digest: Digest }) {
    const found = this.documents.get(digest);
    return found === undefined ? Promise.reject(new Error('missing')) : Promise.resolve(found);
  }
  async *blob({ digest }: { readonly digest: Digest }) {
    yield await Promise.resolve(this.blobs.get(digest) ?? Buffer.alloc(0));
  }
}

describe('baking an index again', () => {
  let source: Source;
  let notes: string[];
  let baked: string[];
  const relabelled = (image: Image, what: string): Promise<Image> => {
    baked.push(what);
    return Promise.resolve(withRunConfiguration(image, { ...image.config.value.run, labels: { baked: 'yes' } }, what));
  };
  const bake = async (rebake: (image: Image, what: string) => Promise<Image> = relabelled) =>
    rebakeTree(await readTree(source), { source, rebake, note: (text) => notes.push(text) });

  beforeEach(() => {
    source = new Source();
    [notes, baked] = [[], []];
  });

  it('changes each platform, and leaves out with a note what describes one as it was', async () => {
    const [amd64, arm64] = [source.addImage('amd64'), source.addImage('arm64')];
    const sbom = { ...source.addImage('sbom', { artifactType: 'application/spdx+json' }), platform: undefined };
    const nested = source.addIndex([source.addImage('s390x')]);
    const attestations = [source.addAttestation(amd64.digest), source.addAttestation(arm64.digest)];
    source.addIndex([amd64, attestations[0]!, arm64, attestations[1]!, nested, sbom], {
      annotations: { note: 'kept' },
    });
    const { document, children } = await bake();
    expect(baked).to.deep.equal(['app:v1 (linux/amd64)', 'app:v1 (linux/arm64)', 'app:v1 (linux/s390x)']);
    expect(notes).to.deep.equal([
      '2 attestations are left out: they describe the images as they were before this bake',
    ]);
    const read = JSON.parse(document.bytes.toString()) as {
      manifests: { digest: string; size: number; platform?: object }[];
    };
    expect(read).to.deep.include({ annotations: { note: 'kept' } });
    expect(read.manifests.map(({ platform }) => platform)).to.deep.equal([
      amd64.platform,
      arm64.platform,
      undefined,
      undefined,
    ]);
    const written = children.map(({ tree }) => ({ digest: tree.document.digest, size: tree.document.bytes.length }));
    expect(read.manifests.map(({ digest, size }) => ({ digest, size }))).to.deep.equal(written);
    expect(written.at(-1)?.digest).to.equal(sbom.digest);
  });

  it('is the same index where nothing changes, with all its attestations', async () => {
    const amd64 = source.addImage('amd64');
    source.addIndex([amd64, source.addAttestation(amd64.digest)]);
    const before = await readTree(source);
    const { document } = await bake((image) => Promise.resolve(image));
    expect(document.digest).to.equal(before.document.digest);
    expect(notes).to.deep.equal([]);
  });

  it('takes an index of one platform, as BuildKit makes it', async () => {
    const amd64 = source.addImage('amd64');
    source.addIndex([amd64, source.addAttestation(amd64.digest)]);
    const { children } = await bake();
    expect(children.length).to.equal(1);
    expect(notes).to.deep.equal(['1 attestation is left out: it describes the images as they were before this bake']);
  });

  it('takes an image that is none of an index', async () => {
    source.addImage('amd64');
    const { document, blobs } = await bake();
    expect(document.value.kind).to.equal('image');
    expect(blobs.length).to.equal(2);
    expect(baked).to.deep.equal(['app:v1']);
  });

  it('refuses an index without any image', async () => {
    source.addIndex([{ ...source.addImage('sbom', { artifactType: 'x/y' }), platform: undefined }]);
    expect((await rejection(bake())).message).to.equal('app:v1 is an index without any image');
  });

  it('ends with what one of its images is refused for', async () => {
    source.addIndex([source.addImage('amd64')]);
    const error = await bake(() => Promise.reject(new Error('refused'))).catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'refused');
  });
});
