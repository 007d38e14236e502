import { expect } from 'chai';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { parseReference } from '../../../../src/image/reference.js';
import { readTree } from '../../../../src/image/tree.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { RegistrySource } from '../../../../src/places/registry/registry-source.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry } from './fake-registry.js';
import { refusal } from './refusal.js';

describe('a source of images in a registry', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
  });
  afterEach(() => registry.stop());

  const source = (rest = 'team/app:v1') =>
    new RegistrySource(new RegistryClient(registry.host), parseReference(`${registry.host}/${rest}`));

  it('has the reference for a name, and says which repository has its blobs', () => {
    expect(source().name).to.equal(`${registry.host}/team/app:v1`);
    expect(source().repository.toString()).to.equal(`${registry.host}/team/app`);
  });

  it('reads an index, what is in it, and its blobs', async () => {
    const child = registry.addImage('team/app');
    const mediaType = MEDIA_TYPES.ociIndex;
    registry.addManifest('team/app', { schemaVersion: 2, mediaType, manifests: [child] }, mediaType, 'v1');
    const { document, children } = await readTree(source());
    expect(document.mediaType).to.equal(mediaType);
    const [, layer] = children[0]?.tree.blobs ?? [];
    expect(layer?.from?.toString()).to.equal(`${registry.host}/team/app`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of layer?.open() ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).to.equal('layer of amd64');
  });

  it('believes the document about its type, as parseManifest does', async () => {
    registry.addManifest(
      'team/app',
      { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] },
      'application/json',
      'v1',
    );
    expect((await source().root()).mediaType).to.equal(MEDIA_TYPES.ociIndex);
  });

  it('has nothing where there is nothing', async () => {
    expect((await refusal(source('team/app:v2').root())).code).to.equal('image-not-found');
  });
});
