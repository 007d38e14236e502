import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { parsePlatform } from '../../../../src/image/platform.js';
import { parseReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { readRemoteImage } from '../../../../src/places/registry/remote-image.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry } from './fake-registry.js';
import { refusal } from './refusal.js';

describe('an image in a registry', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
  });
  afterEach(() => registry.stop());

  const reference = (rest: string) => parseReference(`${registry.host}/${rest}`);
  const addIndex = (manifests: object[], tag?: string, mediaType: string = MEDIA_TYPES.ociIndex) =>
    registry.addManifest('team/app', { schemaVersion: 2, mediaType, manifests }, mediaType, tag);
  const amd64 = parsePlatform('linux/amd64');

  it('is read with its configuration and layers', async () => {
    const { digest } = registry.addImage('team/app', { tag: 'v1' });
    const found = await readRemoteImage(reference('team/app:v1'), amd64);
    const { image } = found;
    expect(found.reference.toString()).to.equal(`${registry.host}/team/app:v1`);
    expect(found.digest).to.equal(digest);
    expect(image.manifest.digest).to.equal(digest);
    expect(image.platform).to.deep.equal(amd64);
    expect(image.config.value.run.labels).to.deep.equal({ 'io.kdeploy.version': '1' });
    expect(image.config.value.run.entrypoint).to.deep.equal(['python']);
    expect(image.layers.map(({ descriptor }) => descriptor)).to.deep.equal([
      { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('layer of amd64'), size: 14 },
    ]);
    // Its layers are not needed to know it.
    expect(registry.requests.map(({ url }) => url)).to.deep.equal([
      '/v2/team/app/manifests/v1',
      `/v2/team/app/blobs/${image.manifest.value.config.digest}`,
    ]);
  });

  for (const mediaType of [MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerIndex]) {
    it(`is chosen by platform from an index, whose digest stays the image's (${mediaType})`, async () => {
      const arm64 = registry.addImage('team/app', { architecture: 'arm64' });
      const index = addIndex([registry.addImage('team/app'), arm64], 'v1', mediaType);
      const { digest, image } = await readRemoteImage(reference('team/app:v1'), parsePlatform('linux/arm64/v8'));
      expect(digest).to.equal(index.digest);
      expect(image.manifest.digest).to.equal(arm64.digest);
      expect(image.config.value.architecture).to.equal('arm64');
    });
  }

  it('is found through an index in an index', async () => {
    const inner = addIndex([registry.addImage('team/app')]);
    addIndex([{ mediaType: MEDIA_TYPES.ociIndex, ...inner, platform: amd64 }], 'v1');
    expect((await readRemoteImage(reference('team/app:v1'), amd64)).image.config.value.architecture).to.equal('amd64');
  });

  it('is not looked for without end', async () => {
    let entry: object = registry.addImage('team/app');
    for (let depth = 0; depth < 5; depth++) {
      const index = addIndex([entry], 'v1');
      entry = { mediaType: MEDIA_TYPES.ociIndex, ...index, platform: amd64 };
    }
    const error = await refusal(readRemoteImage(reference('team/app:v1'), amd64));
    expect(error.message).to.contain('nests image indexes');
  });

  it('is missed by a sentence that names the platforms which are there', async () => {
    addIndex([registry.addImage('team/app'), registry.addImage('team/app', { architecture: 'arm64' })], 'v1');
    const error = await refusal(readRemoteImage(reference('team/app:v1'), parsePlatform('linux/s390x')));
    expect(error.code).to.equal('image-not-found');
    expect(error.message).to.equal(`${registry.host}/team/app:v1 has no image for linux/s390x`);
    expect(error.hint).to.equal('it has linux/amd64, linux/arm64; choose with --platform');
  });

  it('says its own platform, which a single image decides for itself', async () => {
    registry.addImage('team/app', { tag: 'v1', architecture: 'arm64' });
    const { image } = await readRemoteImage(reference('team/app:v1'), amd64);
    expect(image.platform).to.deep.equal(parsePlatform('linux/arm64'));
  });

  it('says where its layers can be mounted from', async () => {
    registry.addImage('team/app', { tag: 'v1' });
    const { image } = await readRemoteImage(reference('team/app:v1'), amd64);
    expect(image.layers[0]?.from?.toString()).to.equal(`${registry.host}/team/app`);
  });

  it('is not read where its configuration is not what its digest names', async () => {
    const { digest } = registry.addImage('team/app', { tag: 'v1' });
    const { config } = JSON.parse(String(registry.manifests.get(`team/app@${digest}`)?.bytes)) as {
      config: { digest: string; size: number };
    };
    registry.blobs.set(config.digest, Buffer.alloc(config.size, '{}'));
    const error = await refusal(readRemoteImage(reference('team/app:v1'), amd64));
    expect(error.code).to.equal('registry-unreachable');
    expect(error.message).to.contain(`other bytes than ${config.digest} names`);
  });

  it('is not a chart', async () => {
    const config = '{"name":"chart"}';
    const digest = registry.addBlob(config);
    registry.addManifest(
      'team/app',
      {
        schemaVersion: 2,
        config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest, size: config.length },
        layers: [],
      },
      MEDIA_TYPES.ociManifest,
      'v1',
    );
    const error = await refusal(readRemoteImage(reference('team/app:v1'), amd64));
    expect(error.code).to.equal('image-not-found');
    expect(error.message).to.contain('is not an image that kdeploy can read');
  });

  it('is read with a client that has been to the registry before', async () => {
    registry.login = { kind: 'bearer', anonymous: true };
    registry.addImage('team/app', { tag: 'v1' });
    const credentials = () => Promise.resolve({ registry: registry.host, failures: [], looked: [] });
    const client = new RegistryClient(registry.host, { credentials });
    await readRemoteImage(reference('team/app:v1'), amd64, client);
    await readRemoteImage(reference('team/app:v1'), amd64, client);
    expect(registry.tokenRequests).to.have.length(1);
  });
});
