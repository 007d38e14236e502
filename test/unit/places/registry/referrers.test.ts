import { expect } from 'chai';
import { digestOf, type Digest } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { parseReference, type PinnedReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { referrersOf } from '../../../../src/places/registry/referrers.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, send, sendError, type Fault } from './fake-registry.js';
import { refusal } from './refusal.js';

describe('what says something of an image', () => {
  let registry: FakeRegistry;
  let image: { digest: Digest; size: number };
  let subject: PinnedReference;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
    image = registry.addImage('team/app', { tag: 'v1' });
    subject = parseReference(`${registry.host}/team/app`).withDigest(image.digest);
  });
  afterEach(() => registry.stop());

  const client = () => new RegistryClient(registry.host, { clock: new FakeClock(), random: () => 0 });
  const referrers = async () => (await referrersOf(client(), subject)).map(({ digest }) => digest);
  const tag = () => subject.digest.replace(':', '-');
  /** An SBOM of this image, or of another one. */
  const addSbom = (name: string, about: object = image) => {
    const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: registry.addBlob('{}'), size: 2 };
    const artifactType = 'application/spdx+json';
    const mediaType = MEDIA_TYPES.ociManifest;
    const document = {
      schemaVersion: 2,
      mediaType,
      artifactType,
      config: empty,
      layers: [empty],
      subject: { mediaType, ...about },
      annotations: { name },
    };
    return { mediaType, artifactType, ...registry.addManifest('team/app', document, mediaType) };
  };
  const addList = (manifests: readonly object[], name = tag()) =>
    registry.addManifest(
      'team/app',
      { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests },
      MEDIA_TYPES.ociIndex,
      name,
    );

  it('is listed by the registry, with its type', async () => {
    registry.listsReferrers = true;
    const { digest, size } = addSbom('one');
    addSbom('of another', { digest: digestOf('another'), size: 1 });
    expect(await referrersOf(client(), subject)).to.deep.equal([
      { mediaType: MEDIA_TYPES.ociManifest, digest, size, artifactType: 'application/spdx+json' },
    ]);
    expect(registry.requests).to.have.length(1);
    expect(registry.requests[0]?.headers.accept).to.equal(MEDIA_TYPES.ociIndex);
  });

  it('may be nothing, which is an answer', async () => {
    registry.listsReferrers = true;
    expect(await referrers()).to.deep.equal([]);
    expect(registry.requests).to.have.length(1);
  });

  it('is listed in pages', async () => {
    const page =
      (digest: Digest, link?: string): Fault =>
      (_, response) => {
        const manifests = [{ mediaType: MEDIA_TYPES.ociManifest, digest, size: 1 }];
        const mediaType = MEDIA_TYPES.ociIndex;
        send(response, 200, JSON.stringify({ schemaVersion: 2, mediaType, manifests }), {
          'Content-Type': mediaType,
          ...(link !== undefined && { Link: link }),
        });
      };
    registry.faults.push(page(digestOf('1'), '</v2/team/app/referrers/x?last=1>; rel="next"'), page(digestOf('2')));
    expect(await referrers()).to.deep.equal([digestOf('1'), digestOf('2')]);
    expect(registry.requests.at(-1)?.url).to.equal('/v2/team/app/referrers/x?last=1');
    registry.faults.push(page(digestOf('1'), '</v2/x>; rel="next"'), (_, response) =>
      sendError(response, 404, 'UNKNOWN'),
    );
    expect((await refusal(referrers())).message).to.include('broke off the list');
  });

  const page: Fault = (_, response) => send(response, 200, '<!doctype html>', { 'Content-Type': 'text/html' });
  const others: readonly (readonly [string, Fault])[] = [
    ['404', (_, response) => sendError(response, 404, 'NOT_FOUND')],
    ['400', (_, response) => sendError(response, 400, 'UNSUPPORTED')],
    ['405', (_, response) => sendError(response, 405, 'UNSUPPORTED')],
    ['a web page', page],
    ['a manifest', (_, response) => send(response, 200, '{"schemaVersion":2}')],
  ];
  for (const [what, fault] of others) {
    it(`is listed by a tag where the registry answers the question for it by ${what}`, async () => {
      const sbom = addSbom('one');
      addList([sbom]);
      registry.faults.push(fault);
      expect(await referrers()).to.deep.equal([sbom.digest]);
    });
  }

  it('is nothing where there is no such tag', async () => {
    expect(await referrers()).to.deep.equal([]);
  });

  it('is listed without what is gone, or of a kind that is not known', async () => {
    const sbom = addSbom('one');
    const gone = { ...sbom, digest: digestOf('gone') };
    const artifact = { mediaType: 'application/vnd.oci.artifact.manifest.v1+json' };
    const odd = registry.addManifest('team/app', { schemaVersion: 2, ...artifact }, artifact.mediaType);
    addList([gone, { ...artifact, ...odd }, sbom]);
    expect(await referrers()).to.deep.equal([sbom.digest]);
  });

  describe('is nothing where the tag names no list of it (google/go-containerregistry#2205, oras-project/oras-go#1396)', () => {
    it('but the image itself', async () => {
      const bytes = registry.manifests.get(`team/app@${subject.digest}`);
      if (bytes !== undefined) registry.manifests.set(`team/app@${tag()}`, bytes);
      expect(await referrers()).to.deep.equal([]);
    });

    it('but the index itself, whose platforms are no referrers', async () => {
      const index = addList([registry.addImage('team/app', {})], 'v2');
      subject = subject.withDigest(index.digest);
      const itself = registry.manifests.get(`team/app@v2`);
      if (itself !== undefined) registry.manifests.set(`team/app@${tag()}`, itself);
      expect(await referrers()).to.deep.equal([]);
    });

    it('but another image', async () => {
      registry.addImage('team/app', { tag: tag(), architecture: 'arm64' });
      expect(await referrers()).to.deep.equal([]);
    });

    it('but an index of other images', async () => {
      addList([addSbom('one'), registry.addImage('team/app', { architecture: 'arm64' })]);
      expect(await referrers()).to.deep.equal([]);
    });

    it('but a list of what belongs to another image', async () => {
      addList([addSbom('of another', { digest: digestOf('another'), size: 1 })]);
      expect(await referrers()).to.deep.equal([]);
    });

    it('but a web page', async () => {
      registry.faults.push(page, page);
      expect(await referrers()).to.deep.equal([]);
    });
  });

  it('is not known where the registry is busy', async () => {
    registry.faults.push(...Array<Fault>(4).fill((_, response) => sendError(response, 503, 'UNAVAILABLE')));
    expect((await refusal(referrers())).code).to.equal('registry-unreachable');
  });

  it('is not known where the registry does not let its tag be read', async () => {
    addList([addSbom('one')]);
    registry.faults.push(
      (_, response) => sendError(response, 404, 'NOT_FOUND'),
      (_, response) => sendError(response, 403, 'DENIED'),
    );
    expect((await refusal(referrers())).code).to.equal('credentials');
  });
});
